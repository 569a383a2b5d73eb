using System.Numerics;

namespace Capstan.Caching;

/// <summary>Values by text. Immutable: a change gives another trie that shares all that is equal. A look-up touches four nodes among a million.</summary>
internal sealed class HashTrie<TValue>
    where TValue : class
{
    public static readonly HashTrie<TValue> Empty = new(new Node(0, []));

    private const int Bits = 5;
    private const int HashBits = 32;

    private readonly Node _root;

    private HashTrie(Node root) => _root = root;

    public TValue? Find(string key)
    {
        var hash = (uint)key.GetHashCode(StringComparison.Ordinal);
        var node = _root;
        for (var shift = 0; ; shift += Bits)
        {
            var bit = 1u << (int)((hash >> shift) & 31);
            if ((node.Map & bit) == 0)
            {
                return null;
            }

            var slot = node.Slots[BitOperations.PopCount(node.Map & (bit - 1))];
            if (slot is Node below)
            {
                node = below;
                continue;
            }

            for (var entry = (Entry?)slot; entry is not null; entry = entry.Next)
            {
                if (entry.Hash == hash && entry.Key == key)
                {
                    return entry.Value;
                }
            }

            return null;
        }
    }

    /// <summary>The trie with <paramref name="value"/> under <paramref name="key"/>, or without that key if it is null.</summary>
    public HashTrie<TValue> With(string key, TValue? value)
    {
        var hash = (uint)key.GetHashCode(StringComparison.Ordinal);
        if (value is null)
        {
            var left = Remove(_root, 0, hash, key);
            return ReferenceEquals(left, _root) ? this : left is Node node ? new(node) : Empty;
        }

        return new(Set(_root, 0, new Entry(hash, key, value, null), inPlace: false));
    }

    /// <summary>A trie of many values at once.</summary>
    public static HashTrie<TValue> Of(IEnumerable<KeyValuePair<string, TValue>> values)
    {
        var root = new Node(0, []);
        foreach (var (key, value) in values)
        {
            root = Set(root, 0, new Entry((uint)key.GetHashCode(StringComparison.Ordinal), key, value, null), inPlace: true);
        }

        return new(root);
    }

    private static Node Set(Node node, int shift, Entry entry, bool inPlace)
    {
        var bit = 1u << (int)((entry.Hash >> shift) & 31);
        var at = BitOperations.PopCount(node.Map & (bit - 1));
        if ((node.Map & bit) == 0)
        {
            var slots = new object[node.Slots.Length + 1];
            Array.Copy(node.Slots, slots, at);
            slots[at] = entry;
            Array.Copy(node.Slots, at, slots, at + 1, node.Slots.Length - at);
            return new(node.Map | bit, slots);
        }

        object changed = node.Slots[at] switch
        {
            Node below => Set(below, shift + Bits, entry, inPlace),
            Entry there when there.Hash == entry.Hash || shift + Bits >= HashBits => Without(there, entry.Key) is { } others ? entry with { Next = others } : entry,

            // Two keys that part further down.
            Entry there => Set(Set(new Node(0, []), shift + Bits, there, inPlace: true), shift + Bits, entry, inPlace: true),
            _ => throw new InvalidOperationException(),
        };
        return inPlace ? node.Replace(at, changed) : new(node.Map, With(node.Slots, at, changed));
    }

    /// <summary>The slot without the key; null if nothing is left of it.</summary>
    private static object? Remove(object slot, int shift, uint hash, string key)
    {
        if (slot is Entry entry)
        {
            return Without(entry, key);
        }

        var node = (Node)slot;
        var bit = 1u << (int)((hash >> shift) & 31);
        if ((node.Map & bit) == 0)
        {
            return node;
        }

        var at = BitOperations.PopCount(node.Map & (bit - 1));
        var left = Remove(node.Slots[at], shift + Bits, hash, key);
        if (ReferenceEquals(left, node.Slots[at]))
        {
            return node;
        }

        if (left is not null)
        {
            return new Node(node.Map, With(node.Slots, at, left));
        }

        return node.Slots.Length == 1 ? null : new Node(node.Map & ~bit, [.. node.Slots[..at], .. node.Slots[(at + 1)..]]);
    }

    private static object[] With(object[] slots, int at, object changed)
    {
        var copy = (object[])slots.Clone();
        copy[at] = changed;
        return copy;
    }

    /// <summary>The chain without a key; itself if the key is not in it.</summary>
    private static Entry? Without(Entry chain, string key)
    {
        if (chain.Key == key)
        {
            return chain.Next;
        }

        if (chain.Next is null)
        {
            return chain;
        }

        var rest = Without(chain.Next, key);
        return ReferenceEquals(rest, chain.Next) ? chain : chain with { Next = rest };
    }

    private sealed class Node(uint map, object[] slots)
    {
        /// <summary>Which of the 32 next hash parts have a slot.</summary>
        public uint Map => map;

        /// <summary>For each its <see cref="Node"/>, or its <see cref="Entry"/> and those of equal hash behind it.</summary>
        public object[] Slots => slots;

        public Node Replace(int at, object changed)
        {
            slots[at] = changed;
            return this;
        }
    }

    private sealed record Entry(uint Hash, string Key, TValue Value, Entry? Next);
}
