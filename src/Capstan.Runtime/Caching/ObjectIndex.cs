using System.Collections.Immutable;

namespace Capstan.Caching;

/// <summary>Keys of objects by the values that a delegate gives for them. Immutable.</summary>
/// <param name="Name">Name for queries.</param>
/// <param name="Values">Gives the values of an object; those of one that it throws for are none.</param>
/// <param name="Keys">Keys by value; no empty sets.</param>
internal sealed record ObjectIndex(string Name, Func<DynamicObject, IReadOnlyCollection<string>> Values, ImmutableDictionary<string, ImmutableSortedSet<ObjectKey>> Keys)
{
    public static readonly ImmutableDictionary<string, ImmutableSortedSet<ObjectKey>> NoKeys =
        ImmutableDictionary.Create<string, ImmutableSortedSet<ObjectKey>>(StringComparer.Ordinal);

    public ImmutableSortedSet<ObjectKey> Of(string value) => Keys.GetValueOrDefault(value, []);

    public ObjectIndex Fill(IEnumerable<DynamicObject> objects)
    {
        var sets = new Dictionary<string, ImmutableSortedSet<ObjectKey>.Builder>(StringComparer.Ordinal);
        foreach (var value in objects)
        {
            foreach (var text in Values(value))
            {
                if (!sets.TryGetValue(text, out var set))
                {
                    sets[text] = set = ImmutableSortedSet.CreateBuilder<ObjectKey>();
                }

                set.Add(value.Key);
            }
        }

        return this with { Keys = NoKeys.AddRange(sets.Select(s => KeyValuePair.Create(s.Key, s.Value.ToImmutable()))) };
    }

    public ObjectIndex Change(ObjectKey key, DynamicObject? old, DynamicObject? now)
    {
        var before = old is null ? [] : Values(old);
        var after = now is null ? [] : Values(now);
        var keys = Keys;
        foreach (var text in before)
        {
            if (!after.Contains(text) && keys.TryGetValue(text, out var set))
            {
                var left = set.Remove(key);
                keys = left.IsEmpty ? keys.Remove(text) : keys.SetItem(text, left);
            }
        }

        foreach (var text in after)
        {
            if (!before.Contains(text))
            {
                keys = keys.SetItem(text, keys.GetValueOrDefault(text, []).Add(key));
            }
        }

        return ReferenceEquals(keys, Keys) ? this : this with { Keys = keys };
    }
}
