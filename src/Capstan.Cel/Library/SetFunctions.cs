using Capstan.Cel.Evaluation;

namespace Capstan.Cel.Library;

/// <summary>Lists as sets, by CEL's equality.</summary>
internal static class SetFunctions
{
    public static void Declare(FunctionSet set)
    {
        set.Global("sets.contains", 2, a => Test("sets.contains", a, ContainsAll));
        set.Global("sets.equivalent", 2, a => Test("sets.equivalent", a, (x, y) => ContainsAll(x, y) && ContainsAll(y, x)));
        set.Global("sets.intersects", 2, a => Test("sets.intersects", a, Intersects));
    }

    // Hashed, because both lists may be long ones of a hostile document.
    private static HashSet<CelValue> Hashed(CelList list) => new(list.ToArray(), KeyComparer.Instance);

    private static bool ContainsAll(CelList list, CelList items)
    {
        var all = Hashed(list);
        return items.ToArray().All(all.Contains);
    }

    private static bool Intersects(CelList list, CelList items)
    {
        var all = Hashed(list);
        return items.ToArray().Any(all.Contains);
    }

    private static CelValue Test(string name, ReadOnlySpan<CelValue> a, Func<CelList, CelList, bool> test) =>
        a[0].Kind == CelKind.List && a[1].Kind == CelKind.List ? CelValue.Of(test(a[0].List, a[1].List)) : FunctionSet.NoOverload(name);
}
