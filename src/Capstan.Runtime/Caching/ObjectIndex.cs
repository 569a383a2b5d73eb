using System.Collections.Immutable;

namespace Capstan.Caching;

/// <summary>Objects by the values that a delegate gives for them. Immutable.</summary>
/// <param name="Name">Name for queries.</param>
/// <param name="Values">Gives the values of an object; those of one that it throws for are none.</param>
/// <param name="Objects">By value: the one object that has it, or those that have it in the order of their keys.</param>
internal sealed record ObjectIndex(string Name, Func<DynamicObject, IReadOnlyCollection<string>> Values, HashTrie<object> Objects)
{
    public static readonly HashTrie<object> Nothing = HashTrie<object>.Empty;

    private static readonly ImmutableSortedDictionary<ObjectKey, DynamicObject> None = ImmutableSortedDictionary<ObjectKey, DynamicObject>.Empty;

    /// <summary>The objects that have a value, by namespace, then name.</summary>
    public IEnumerable<DynamicObject> Of(string value) => Objects.Find(value) switch
    {
        null => [],
        DynamicObject one => [one],
        var many => ((ImmutableSortedDictionary<ObjectKey, DynamicObject>)many).Values,
    };

    /// <summary>How many objects have a value.</summary>
    public int CountOf(string value) => Objects.Find(value) switch
    {
        null => 0,
        DynamicObject => 1,
        var many => ((ImmutableSortedDictionary<ObjectKey, DynamicObject>)many).Count,
    };

    public ObjectIndex Fill(IEnumerable<DynamicObject> objects)
    {
        var found = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var value in objects)
        {
            foreach (var text in Values(value))
            {
                if (!found.TryAdd(text, value))
                {
                    if (found[text] is DynamicObject first)
                    {
                        var set = None.ToBuilder();
                        set.Add(first.Key, first);
                        found[text] = set;
                    }

                    ((ImmutableSortedDictionary<ObjectKey, DynamicObject>.Builder)found[text])[value.Key] = value;
                }
            }
        }

        return this with { Objects = HashTrie<object>.Of(found.Select(f => KeyValuePair.Create(f.Key, Frozen(f.Value)))) };

        static object Frozen(object value) => value is ImmutableSortedDictionary<ObjectKey, DynamicObject>.Builder set ? set.ToImmutable() : value;
    }

    public ObjectIndex Change(ObjectKey key, DynamicObject? old, DynamicObject? now)
    {
        var before = old is null ? [] : Values(old);
        var after = now is null ? [] : Values(now);
        var objects = Objects;
        foreach (var text in before)
        {
            if (!after.Contains(text))
            {
                objects = objects.With(text, Without(objects.Find(text), key));
            }
        }

        foreach (var text in after)
        {
            objects = objects.With(text, With(objects.Find(text), key, now!));
        }

        return ReferenceEquals(objects, Objects) ? this : this with { Objects = objects };
    }

    private static object? Without(object? there, ObjectKey key)
    {
        if (there is not ImmutableSortedDictionary<ObjectKey, DynamicObject> many)
        {
            return there is DynamicObject one && one.Key == key ? null : there;
        }

        var left = many.Remove(key);
        return left.Count switch
        {
            0 => null,
            1 => left.Values.First(),
            _ => left,
        };
    }

    private static object With(object? there, ObjectKey key, DynamicObject now) => there switch
    {
        null => now,
        DynamicObject one when one.Key == key => now,
        DynamicObject one => None.Add(one.Key, one).Add(key, now),
        var many => ((ImmutableSortedDictionary<ObjectKey, DynamicObject>)many).SetItem(key, now),
    };
}
