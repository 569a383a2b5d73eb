using System.Runtime.CompilerServices;

namespace Capstan.Cel.Costs;

/// <summary>The sizes that costs depend on.</summary>
internal static class ValueSize
{
    /// <summary>Code points, bytes, elements or entries; 1 for what has no size.</summary>
    public static ulong Of(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.String: return OfText(value);
            case CelKind.Bytes: return (ulong)value.Bytes.Length;
            case CelKind.List:
            case CelKind.Map:
                return (ulong)value.Count;
            case CelKind.Optional when value.Optional.HasValue: return Of(value.Optional.Value);
            case CelKind.Object: return value.Object.Size;
            default: return 1;
        }
    }

    /// <summary>The cost of going over the smaller of two values, as <c>==</c> and <c>&lt;</c> do.</summary>
    public static ulong CostOfSmaller(in CelValue left, in CelValue right)
    {
        if (left.Kind != CelKind.String || right.Kind != CelKind.String)
        {
            if (left.Kind <= CelKind.Double && right.Kind <= CelKind.Double)
            {
                return 1;
            }

            return TextCost.Once(Math.Min(Of(left), Of(right)));
        }

        // Code points are counted only where units, which are more, do not tell already.
        var units = Math.Min(left.TextUnits, right.TextUnits);
        return units <= 10 ? (units == 0 ? 0UL : 1UL) : TextCost.Once(Math.Min(OfText(left), OfText(right)));
    }

    /// <summary>The cost of going over a value and all that is in it: 1 for a scalar, a tenth of the bytes of a text, rounded down.</summary>
    public static ulong Traversal(in CelValue value)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var cost = 0UL;
        switch (value.Kind)
        {
            case CelKind.String: return (ulong)(value.Utf8Length * CostFactors.StringTraversalCostFactor);
            case CelKind.Bytes: return (ulong)(value.Bytes.Length * CostFactors.StringTraversalCostFactor);
            case CelKind.List:
                var list = value.List;
                for (var i = 0; i < list.Count; i++)
                {
                    cost += Traversal(list[i]);
                }

                return cost;
            case CelKind.Map:
                var map = value.Map;
                for (var i = 0; i < map.Count; i++)
                {
                    var (key, item) = map.Entry(i);
                    cost += Traversal(key) + Traversal(item);
                }

                return cost;
            default: return 1;
        }
    }

    private static ulong OfText(in CelValue value) => (ulong)value.TextSize;
}
