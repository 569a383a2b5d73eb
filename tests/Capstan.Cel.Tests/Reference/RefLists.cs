using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Reference;

/// <summary>Functions of lists, of lists as sets, and what inserts into maps.</summary>
internal static class RefLists
{
    public static RefValue? Call(string function, RefValue[] a) => (function, a) switch
    {
        ("slice", [RefList l, RefInt i, RefInt j]) => i.Value < 0 || j.Value < i.Value || j.Value > l.Items.Count ? new RefError("cannot slice")
            : new RefList([.. l.Items.Skip((int)i.Value).Take((int)(j.Value - i.Value))]),
        ("flatten", [RefList l]) => new RefList([.. Flatten(l, 1)]),
        ("flatten", [RefList l, RefInt depth]) => depth.Value < 0 ? new RefError("negative level") : new RefList([.. Flatten(l, (long)depth.Value)]),
        ("distinct", [RefList l]) => Distinct(l),
        ("reverse", [RefList l]) => new RefList([.. l.Items.Reverse()]),
        ("sort", [RefList l]) => Sort(l, l),
        ("@sortByAssociatedKeys", [RefList l, RefList keys]) => Sort(l, keys),
        ("lists.range", [RefInt n]) => new RefList([.. Enumerable.Range(0, (int)System.Numerics.BigInteger.Max(n.Value, 0)).Select(i => new RefInt(i))]),
        ("sets.contains", [RefList l, RefList m]) => RefValue.Of(ContainsAll(l, m)),
        ("sets.equivalent", [RefList l, RefList m]) => RefValue.Of(ContainsAll(l, m) && ContainsAll(m, l)),
        ("sets.intersects", [RefList l, RefList m]) => RefValue.Of(m.Items.Any(i => Contains(l, i))),
        ("first", [RefList l]) => new RefOptional(l.Items.Count == 0 ? null : l.Items[0]),
        ("last", [RefList l]) => new RefOptional(l.Items.Count == 0 ? null : l.Items[^1]),
        ("optional.unwrap" or "unwrapOpt", [RefList l]) => l.Items.All(i => i is RefOptional)
            ? new RefList([.. l.Items.Select(i => ((RefOptional)i).Value).OfType<RefValue>()]) : null,
        ("cel.@mapInsert", [RefMap m, var key, var value]) => Insert(m, [(key, value)]),
        ("cel.@mapInsert", [RefMap m, RefMap entries]) => Insert(m, entries.Entries),
        _ => null,
    };

    /// <summary>Functions that Kubernetes adds.</summary>
    public static RefValue? CallOfKubernetes(string function, RefValue[] a) => (function, a) switch
    {
        ("isSorted", [RefList l]) => IsSorted(l),
        ("min", [RefList l]) => Extreme(l, 1),
        ("max", [RefList l]) => Extreme(l, -1),
        ("sum", [RefList { Items: [RefInt or RefUint or RefDouble or RefDuration, ..] } l]) => l.Items.Skip(1).Aggregate(
            l.Items[0], (sum, i) => RefArithmetic.Call(Operators.Add, [sum, i]) ?? RefValue.NoOverload("sum")),
        ("indexOf", [RefList l, var item]) => new RefInt(l.Items.ToList().FindIndex(i => RefEquality.Equal(i, item))),
        ("lastIndexOf", [RefList l, var item]) => new RefInt(l.Items.ToList().FindLastIndex(i => RefEquality.Equal(i, item))),
        _ => null,
    };

    public static bool Contains(RefList list, RefValue item) => list.Items.Any(i => RefEquality.Equal(i, item));

    private static bool ContainsAll(RefList list, RefList items) => items.Items.All(i => Contains(list, i));

    // Ends at the first that is out of order: what follows is not looked at.
    private static RefBool? IsSorted(RefList list)
    {
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (!IsComparable(list.Items[i]))
            {
                return null;
            }

            if (i > 0 && RefEquality.Order(list.Items[i - 1], list.Items[i]) == 1)
            {
                return new RefBool(false);
            }
        }

        return new RefBool(true);
    }

    private static bool IsComparable(RefValue value) => value is RefDouble || RefEquality.Order(value, value) is not null;

    // What cannot be compared with the best so far is passed over.
    private static RefValue? Extreme(RefList list, int worse) =>
        list.Items.Count == 0 ? new RefError("empty list")
        : !list.Items.All(IsComparable) ? null
        : list.Items.Aggregate((best, i) => RefEquality.Order(best, i) == worse ? i : best);

    private static IEnumerable<RefValue> Flatten(RefList list, long depth) =>
        list.Items.SelectMany(i => i is RefList inner && depth > 0 ? Flatten(inner, depth - 1) : [i]);

    private static RefList Distinct(RefList list)
    {
        var kept = new List<RefValue>();
        foreach (var item in list.Items)
        {
            if (!kept.Exists(k => RefEquality.Equal(k, item)))
            {
                kept.Add(item);
            }
        }

        return new RefList(kept);
    }

    // A list of one is in order whatever it holds, but only if that could be compared.
    private static RefValue Sort(RefList list, RefList keys)
    {
        if (list.Items.Count != keys.Items.Count)
        {
            return new RefError("as many keys as elements");
        }

        if (keys.Items.Any(k => !IsComparable(k) || k.GetType() != keys.Items[0].GetType()))
        {
            return new RefError("cannot be compared");
        }

        // NaN has no order and comes last.
        return new RefList([.. list.Items.Zip(keys.Items)
            .OrderBy(p => p.Second, Comparer<RefValue>.Create((x, y) => RefEquality.Order(x, y) ?? IsNaN(x).CompareTo(IsNaN(y))))
            .Select(p => p.First)]);
    }

    private static bool IsNaN(RefValue value) => value is RefDouble { Value: double.NaN };

    private static RefValue Insert(RefMap map, IReadOnlyList<(RefValue Key, RefValue Value)> entries)
    {
        var all = new List<(RefValue Key, RefValue Value)>(map.Entries);
        foreach (var (key, value) in entries)
        {
            if (all.Exists(e => RefEquality.Equal(e.Key, key)))
            {
                return new RefError("key exists");
            }

            all.Add((key, value));
        }

        return new RefMap(all);
    }
}
