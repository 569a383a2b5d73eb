using System.Runtime.CompilerServices;
using System.Text;
using Capstan.Cel.Values;

namespace Capstan.Cel.Evaluation;

/// <summary>CEL's <c>==</c>, <c>in</c> and <c>&lt;</c> on any two values.</summary>
internal static class CelEquality
{
    /// <summary>Never an error: values of different kinds are unequal, but numbers are compared as numbers.</summary>
    public static bool Equal(in CelValue left, in CelValue right)
    {
        if (left.Kind != right.Kind)
        {
            return left.IsNumber && right.IsNumber && left.Number.Equals(right.Number);
        }

        switch (left.Kind)
        {
            case CelKind.Bool:
            case CelKind.Int:
            case CelKind.Uint:
            case CelKind.Duration:
                return left.Int == right.Int;
            case CelKind.Double: return left.Double == right.Double;
            case CelKind.String: return SameText(left, right);
            case CelKind.Type: return left.String == right.String;
            case CelKind.Bytes: return left.Bytes.AsSpan().SequenceEqual(right.Bytes);
            case CelKind.Timestamp: return left.Timestamp == right.Timestamp;
            case CelKind.List: return left.List.IsSameAs(right.List);
            case CelKind.Map: return left.Map.IsSameAs(right.Map);
            case CelKind.Optional:
                return left.Optional.HasValue == right.Optional.HasValue
                    && (!left.Optional.HasValue || Equal(left.Optional.Value, right.Optional.Value));
            case CelKind.Object: return left.Object.Equals(right.Object);
            default: return left.Kind == CelKind.Null;
        }
    }

    /// <summary>False: the kinds have no common order, or one is NaN (<paramref name="order"/> is then 2).</summary>
    public static bool TryCompare(in CelValue left, in CelValue right, out int order)
    {
        order = 0;
        if (left.IsNumber && right.IsNumber)
        {
            if (left.Kind == CelKind.Int && right.Kind == CelKind.Int)
            {
                order = left.Int.CompareTo(right.Int);
                return true;
            }

            if (!CelNumber.TryCompare(left.Number, right.Number, out order))
            {
                order = 2;
                return false;
            }

            return true;
        }

        if (left.Kind != right.Kind)
        {
            return false;
        }

        switch (left.Kind)
        {
            case CelKind.Bool:
            case CelKind.Duration:
                order = left.Int.CompareTo(right.Int);
                return true;
            case CelKind.String:
                order = left.TryUtf8(out var a) && right.TryUtf8(out var b) ? CelUtf8.Compare(a, b) : CelText.Compare(left.String, right.String);
                return true;
            case CelKind.Bytes:
                order = Math.Sign(left.Bytes.AsSpan().SequenceCompareTo(right.Bytes));
                return true;
            case CelKind.Timestamp:
                order = left.Timestamp.CompareTo(right.Timestamp);
                return true;
            default:
                return false;
        }
    }

    public static bool Contains(CelList list, in CelValue item)
    {
        var count = list.Count;
        for (var i = 0; i < count; i++)
        {
            if (Equal(list[i], item))
            {
                return true;
            }
        }

        return false;
    }

    private static bool SameText(in CelValue left, in CelValue right)
    {
        var leftIsUtf8 = left.TryUtf8(out var a);
        return right.TryUtf8(out var b)
            ? (leftIsUtf8 ? a.SequenceEqual(b) : SameText(b, left.String))
            : leftIsUtf8 ? SameText(a, right.String) : left.String == right.String;
    }

    private static bool SameText(ReadOnlySpan<byte> utf8, string text) =>
        utf8.Length == text.Length ? Ascii.Equals(utf8, text)
            : utf8.Length > text.Length && Encoding.UTF8.GetByteCount(text) == utf8.Length && Encoding.UTF8.GetString(utf8) == text;

    /// <summary>Whether the elements are equal one by one.</summary>
    public static bool SameItems(CelList left, CelList right)
    {
        // Objects of .NET may hold themselves; that is then an error of the expression.
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (ReferenceEquals(left, right) && left.Count == 0)
        {
            return true;
        }

        if (left.Count != right.Count)
        {
            return false;
        }

        for (var i = 0; i < left.Count; i++)
        {
            if (!Equal(left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether equal keys have equal values.</summary>
    public static bool SameEntries(CelMap left, CelMap right)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (left.Count != right.Count)
        {
            return false;
        }

        for (var i = 0; i < left.Count; i++)
        {
            var (key, value) = left.Entry(i);
            if (!right.TryGet(key, out var other) || !Equal(value, other))
            {
                return false;
            }
        }

        return true;
    }
}
