using Capstan.Cel.Evaluation;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Library;

/// <summary>The lists extension: slices, flattening, distinct elements, ranges, order.</summary>
internal static class ListFunctions
{
    private const long MaxRange = 1 << 20;

    public static void Declare(FunctionSet set)
    {
        set.Member("slice", 2, a => a is [{ Kind: CelKind.List }, { Kind: CelKind.Int }, { Kind: CelKind.Int }]
            ? Slice(a[0].List, a[1].Int, a[2].Int) : FunctionSet.NoOverload("slice"));
        set.Member("flatten", 0, a => a[0].Kind == CelKind.List ? Flatten(a[0].List, 1) : FunctionSet.NoOverload("flatten"));
        set.Member("flatten", 1, a => a is not [{ Kind: CelKind.List }, { Kind: CelKind.Int }] ? FunctionSet.NoOverload("flatten")
            : a[1].Int < 0 ? CelValue.Failure("level must be non-negative") : Flatten(a[0].List, a[1].Int));
        set.Member("distinct", 0, a => a[0].Kind == CelKind.List ? Distinct(a[0].List) : FunctionSet.NoOverload("distinct"));
        set.Member("sort", 0, a => a[0].Kind == CelKind.List ? Sort(a[0].List, a[0].List) : FunctionSet.NoOverload("sort"));
        set.Member(ListMacros.SortByAssociatedKeys, 1, a => a is [{ Kind: CelKind.List }, { Kind: CelKind.List }]
            ? Sort(a[0].List, a[1].List) : FunctionSet.NoOverload("sortBy"));
        set.Global("lists.range", 1, a => a[0].Kind == CelKind.Int ? Range(a[0].Int) : FunctionSet.NoOverload("lists.range"));
        set.Member("reverse", 0, a => a[0].Kind == CelKind.List ? Reverse(a[0].List) : FunctionSet.NoOverload("reverse"));
    }

    private static CelValue Slice(CelList list, long start, long end) =>
        start < 0 || end < 0 ? CelValue.Failure($"cannot slice({start}, {end}), negative indexes not supported")
        : start > end ? CelValue.Failure($"cannot slice({start}, {end}), start index must be less than or equal to end index")
        : end > list.Count ? CelValue.Failure($"cannot slice({start}, {end}), list is length {list.Count}")
        : CelValue.Of(CelList.Of(list.ToArray()[(int)start..(int)end]));

    private static CelValue Flatten(CelList list, long depth)
    {
        var items = new List<CelValue>();
        Flatten(list, depth, items);
        return CelValue.Of(CelList.Of([.. items]));
    }

    private static void Flatten(CelList list, long depth, List<CelValue> items)
    {
        foreach (var item in list.ToArray())
        {
            if (item.Kind == CelKind.List && depth > 0)
            {
                Flatten(item.List, depth - 1, items);
            }
            else
            {
                items.Add(item);
            }
        }
    }

    private static CelValue Distinct(CelList list)
    {
        var seen = new HashSet<CelValue>(KeyComparer.Instance);
        return CelValue.Of(CelList.Of([.. list.ToArray().Where(i => i.Kind == CelKind.Double && double.IsNaN(i.Double) || seen.Add(i))]));
    }

    private static CelValue Sort(CelList list, CelList keys)
    {
        if (list.Count != keys.Count)
        {
            return CelValue.Failure($"@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got {list.Count} and {keys.Count} elements respectively.");
        }

        var values = keys.ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i].Kind != values[0].Kind)
            {
                return CelValue.Failure("list elements must have the same type");
            }

            if (values[i].Kind != CelKind.Double && !CelEquality.TryCompare(values[i], values[i], out _))
            {
                return CelValue.Failure("list elements must be comparable");
            }
        }

        // NaN has no order, and is no error in cel-go, which leaves it somewhere: here it is after all numbers.
        var order = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort(order, (x, y) => Order(values[x], values[y]) is var o && o != 0 ? o : x.CompareTo(y));
        var items = list.ToArray();
        return CelValue.Of(CelList.Of([.. order.Select(i => items[i])]));
    }

    private static int Order(in CelValue x, in CelValue y) =>
        CelEquality.TryCompare(x, y, out var order) ? order : double.IsNaN(x.Double).CompareTo(double.IsNaN(y.Double));

    private static CelValue Range(long count)
    {
        if (count > MaxRange)
        {
            return CelValue.Failure($"lists.range({count}) is longer than {MaxRange}");
        }

        var items = new CelValue[Math.Max(count, 0)];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = CelValue.Of((long)i);
        }

        return CelValue.Of(CelList.Of(items));
    }

    private static CelValue Reverse(CelList list)
    {
        var items = list.ToArray();
        Array.Reverse(items);
        return CelValue.Of(CelList.Of(items));
    }
}
