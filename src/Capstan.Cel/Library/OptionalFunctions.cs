using Capstan.Cel.Evaluation;
using Capstan.Cel.Values;

namespace Capstan.Cel.Library;

/// <summary>Optional values; <c>or</c> and <c>orValue</c> are nodes, since they evaluate their argument only at need.</summary>
internal static class OptionalFunctions
{
    public static void Declare(FunctionSet set)
    {
        set.Global("optional.none", 0, _ => CelValue.Of(CelOptional.None));
        set.Global("optional.of", 1, a => CelValue.Of(CelOptional.Of(a[0])));
        set.Global("optional.ofNonZeroValue", 1, a => CelValue.Of(IsZero(a[0]) ? CelOptional.None : CelOptional.Of(a[0])));
        set.Member("hasValue", 0, a => a[0].Kind == CelKind.Optional ? CelValue.Of(a[0].Optional.HasValue) : FunctionSet.NoOverload("hasValue"));
        set.Member("value", 0, a => a[0].Kind != CelKind.Optional ? FunctionSet.NoOverload("value")
            : a[0].Optional.HasValue ? a[0].Optional.Value : CelValue.Error(EvalErrorKind.OptionalNone));
        set.Global("optional.unwrap", 1, a => Unwrap(a[0]));
        set.Member("unwrapOpt", 0, a => Unwrap(a[0]));
        set.Member("first", 0, a => End(a[0], first: true));
        set.Member("last", 0, a => End(a[0], first: false));
    }

    private static bool IsZero(in CelValue a) => a.Kind switch
    {
        CelKind.Null => true,
        CelKind.Bool => !a.Bool,
        CelKind.Int or CelKind.Uint or CelKind.Duration => a.Int == 0,
        CelKind.Double => a.Double == 0,
        CelKind.String => a.String.Length == 0,
        CelKind.Bytes => a.Bytes.Length == 0,
        CelKind.List => a.List.IsZero,
        CelKind.Map => a.Map.IsZero,
        // That of Go: the first second of the year 1.
        CelKind.Timestamp => a.Timestamp is { Seconds: CelTimestamp.MinSeconds, Nanos: 0 },
        _ => false,
    };

    private static CelValue Unwrap(in CelValue list)
    {
        if (list.Kind != CelKind.List)
        {
            return FunctionSet.NoOverload("optional.unwrap");
        }

        var values = new List<CelValue>();
        foreach (var item in list.List.ToArray())
        {
            if (item.Kind != CelKind.Optional)
            {
                return FunctionSet.NoOverload("optional.unwrap");
            }

            if (item.Optional.HasValue)
            {
                values.Add(item.Optional.Value);
            }
        }

        return CelValue.Of(CelList.Of([.. values]));
    }

    private static CelValue End(in CelValue list, bool first) => list.Kind != CelKind.List ? FunctionSet.NoOverload(first ? "first" : "last")
        : CelValue.Of(list.List.Count == 0 ? CelOptional.None : CelOptional.Of(list.List[first ? 0 : list.List.Count - 1]));
}
