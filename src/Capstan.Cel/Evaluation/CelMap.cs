using Capstan.Cel.Costs;
using Capstan.Cel.Evaluation;

namespace Capstan.Cel;

/// <summary>
/// A map. Immutable. Keys are found by CEL's equality: 1, 1u and 1.0 are one key. Derive from it to read objects of another kind where they are.
/// </summary>
public abstract class CelMap
{
    /// <summary>Number of entries.</summary>
    public abstract int Count { get; }

    /// <summary>The value of a key; false: there is none.</summary>
    public abstract bool TryGet(in CelValue key, out CelValue value);

    /// <summary>An entry, in an order that does not change.</summary>
    /// <param name="index">From 0, below <see cref="Count"/>.</param>
    public abstract (CelValue Key, CelValue Value) Entry(int index);

    /// <summary>Whether it is none for <c>optional.ofNonZeroValue</c>. In Kubernetes one with a schema never is.</summary>
    internal virtual bool IsZero => Count == 0;

    /// <summary><c>==</c> with this map on the left.</summary>
    internal virtual bool IsSameAs(CelMap other) => CelEquality.SameEntries(this, other);

    /// <summary>How much there is of it, see <see cref="ValueWeight"/>. Cheap to ask: of what lies in a document an estimate.</summary>
    internal virtual ulong Weight => (ulong)Count;

    internal static CelMap OfUnique(List<(CelValue Key, CelValue Value)> entries) => new EntryMap(entries);

    /// <summary>A map of these; of equal keys the last counts.</summary>
    public static CelMap Of(params ReadOnlySpan<(CelValue Key, CelValue Value)> entries)
    {
        var builder = new MapBuilder(entries.Length);
        foreach (var (key, value) in entries)
        {
            if (!builder.TryAdd(key, value))
            {
                builder.Replace(key, value);
            }
        }

        return builder.Build();
    }

    private sealed class EntryMap : CelMap
    {
        private const int Small = 8;
        private readonly List<(CelValue Key, CelValue Value)> _entries;
        private readonly Dictionary<CelValue, int>? _index;
        private ulong? _weight;

        public EntryMap(List<(CelValue Key, CelValue Value)> entries)
        {
            _entries = entries;
            if (entries.Count > Small)
            {
                _index = new(entries.Count, KeyComparer.Instance);
                for (var i = 0; i < entries.Count; i++)
                {
                    _index[entries[i].Key] = i;
                }
            }
        }

        public override int Count => _entries.Count;

        internal override ulong Weight => _weight ??= ValueWeight.Of(this);

        public override (CelValue Key, CelValue Value) Entry(int index) => _entries[index];

        public override bool TryGet(in CelValue key, out CelValue value)
        {
            var at = -1;
            if (_index is null)
            {
                for (at = _entries.Count - 1; at >= 0 && !CelEquality.Equal(_entries[at].Key, key); at--)
                {
                }
            }
            else if (!_index.TryGetValue(key, out at))
            {
                at = -1;
            }

            value = at < 0 ? default : _entries[at].Value;
            return at >= 0;
        }
    }
}
