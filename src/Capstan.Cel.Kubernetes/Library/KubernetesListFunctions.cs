using System.Collections.Immutable;
using Capstan.Cel.Checking;
using Capstan.Cel.Evaluation;
using Capstan.Cel.Library;

namespace Capstan.Cel.Kubernetes.Library;

/// <summary>
/// Kubernetes' functions of lists: order, sums, extremes and positions. Of a list whose type is not known the first element says which
/// overload it is; later elements that have no order with the one before are passed over, as there.
/// </summary>
internal static class KubernetesListFunctions
{
    private static readonly (string Name, CelKind Kind)[] Summable =
        [("int", CelKind.Int), ("uint", CelKind.Uint), ("double", CelKind.Double), ("duration", CelKind.Duration)];

    private static readonly string[] Comparable = ["int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes"];

    public static ImmutableArray<FunctionDeclaration> Declarations { get; } = SignatureReader.Functions(string.Join('\n',
    [
        "isSorted", .. Comparable.Select(t => $"  list_{t}_is_sorted_bool list({t}).() -> bool"),
        "sum", .. Summable.Select(t => $"  {SumOf(t.Name)} list({t.Name}).() -> {t.Name}"),
        "max", .. Comparable.Select(t => $"  list_{t}_max_{t} list({t}).() -> {t}"),
        "min", .. Comparable.Select(t => $"  list_{t}_min_{t} list({t}).() -> {t}"),
        "indexOf", "  list_a_index_of_int list(A).(A) -> int",
        "lastIndexOf", "  list_a_last_index_of_int list(A).(A) -> int",
    ]));

    public static void Declare(FunctionSet set)
    {
        set.Member("isSorted", 0, a => a[0].Kind == CelKind.List ? IsSorted(a[0].List) : FunctionSet.NoOverload("isSorted"));
        set.Member("sum", 0, a => a[0].Kind == CelKind.List ? Sum(a[0].List, null) : FunctionSet.NoOverload("sum"));
        foreach (var (name, kind) in Summable)
        {
            // The type alone says what the sum of nothing is.
            set.Overload(SumOf(name), a => a[0].Kind == CelKind.List ? Sum(a[0].List, kind) : FunctionSet.NoOverload("sum"));
        }

        set.Member("min", 0, a => a[0].Kind == CelKind.List ? Extreme(a[0].List, "min", -1) : FunctionSet.NoOverload("min"));
        set.Member("max", 0, a => a[0].Kind == CelKind.List ? Extreme(a[0].List, "max", 1) : FunctionSet.NoOverload("max"));
        set.Member("indexOf", 1, a => a[0].Kind == CelKind.List ? IndexOf(a[0].List, a[1]) : FunctionSet.NoOverload("indexOf"));
        set.Member("lastIndexOf", 1, a => a[0].Kind == CelKind.List ? LastIndexOf(a[0].List, a[1]) : FunctionSet.NoOverload("lastIndexOf"));
    }

    private static string SumOf(string type) => $"list_{type}_sum_{type}";

    private static CelValue IsSorted(CelList list)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (!IsComparable(list[i]))
            {
                return NoOverload("isSorted", i);
            }

            if (i > 0 && CelEquality.TryCompare(list[i - 1], list[i], out var order) && order > 0)
            {
                return CelValue.False;
            }
        }

        return CelValue.True;
    }

    private static CelValue Sum(CelList list, CelKind? declared)
    {
        var kind = declared ?? (list.Count == 0 ? CelKind.Int : list[0].Kind);
        CelValue sum;
        switch (kind)
        {
            case CelKind.Int: sum = CelValue.Of(0L); break;
            case CelKind.Uint: sum = CelValue.Of(0UL); break;
            case CelKind.Double: sum = CelValue.Of(0.0); break;
            case CelKind.Duration: sum = CelValue.Of(default(Values.CelDuration)); break;
            default: return FunctionSet.NoOverload("sum");
        }

        for (var i = 0; i < list.Count && !sum.IsError; i++)
        {
            sum = Arithmetic.Add(sum, list[i]);
        }

        return sum is { IsError: true, ErrorKind: EvalErrorKind.NoSuchOverload } ? CelValue.Error(EvalErrorKind.NoSuchOverload) : sum;
    }

    /// <summary>The first element that no other is beyond, in the direction of <paramref name="sign"/>.</summary>
    private static CelValue Extreme(CelList list, string name, int sign)
    {
        if (list.Count == 0)
        {
            return CelValue.Failure($"{name} called on empty list");
        }

        var extreme = list[0];
        for (var i = 0; i < list.Count; i++)
        {
            var item = list[i];
            if (!IsComparable(item))
            {
                return NoOverload(name, i);
            }

            if (CelEquality.TryCompare(item, extreme, out var order) && order * sign > 0)
            {
                extreme = item;
            }
        }

        return extreme;
    }

    private static CelValue IndexOf(CelList list, in CelValue item)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (CelEquality.Equal(list[i], item))
            {
                return CelValue.Of((long)i);
            }
        }

        return CelValue.Of(-1L);
    }

    private static CelValue LastIndexOf(CelList list, in CelValue item)
    {
        var at = list.Count - 1;
        while (at >= 0 && !CelEquality.Equal(list[at], item))
        {
            at--;
        }

        return CelValue.Of((long)at);
    }

    // The first element chooses the overload, so only with it is there none of that name.
    private static CelValue NoOverload(string name, int position) =>
        position == 0 ? FunctionSet.NoOverload(name) : CelValue.Error(EvalErrorKind.NoSuchOverload);

    private static bool IsComparable(in CelValue value) =>
        value.IsNumber || value.Kind is CelKind.Bool or CelKind.String or CelKind.Bytes or CelKind.Duration or CelKind.Timestamp;
}
