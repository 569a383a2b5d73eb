using System.Text;

namespace Capstan.Election.Sharding;

/// <summary>A set of members, and which of them each key belongs to by rendezvous hashing. Immutable.</summary>
/// <remarks>
/// Each member has a weight for each key, and the heaviest owns it. A weight depends on that member and that key alone, so the order of two members is the same
/// in all views that have both: a member that joins takes keys from the others and moves none between them, and one that leaves gives away its own only.
/// The hash is fixed: replicas of different builds must agree.
/// </remarks>
internal sealed class ShardView : IEquatable<ShardView>
{
    public static readonly ShardView Empty = new([]);

    private readonly string[] _members;
    private readonly ulong[] _hashes;

    public ShardView(IEnumerable<string> members)
    {
        _members = [.. members.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _hashes = [.. _members.Select(HashOf)];
    }

    /// <summary>Names of the members, in order.</summary>
    public IReadOnlyList<string> Members => _members;

    public static ulong HashOf(ObjectKey key) => Mix(Hash(Hash(14695981039346656037, key.Namespace) * 1099511628211, key.Name));

    /// <summary>The member that a key belongs to; null of an empty view.</summary>
    public string? OwnerOf(ulong key)
    {
        string? owner = null;
        var heaviest = 0UL;
        for (var i = 0; i < _hashes.Length; i++)
        {
            // Of two equal weights, the last by name: in all views the same.
            var weight = Mix(key ^ _hashes[i]);
            if (owner is null || weight >= heaviest)
            {
                (owner, heaviest) = (_members[i], weight);
            }
        }

        return owner;
    }

    public bool Contains(string member) => Array.BinarySearch(_members, member, StringComparer.Ordinal) >= 0;

    /// <summary>Whether all members of <paramref name="other"/> are in this one.</summary>
    public bool Includes(ShardView other) => other._members.All(Contains);

    public bool Equals(ShardView? other) => other is not null && _members.AsSpan().SequenceEqual(other._members);

    public override bool Equals(object? obj) => Equals(obj as ShardView);

    public override int GetHashCode() => _members.Length == 0 ? 0 : HashCode.Combine(_members.Length, _hashes[0], _hashes[^1]);

    public override string ToString() => string.Join(',', _members);

    private static ulong HashOf(string text) => Mix(Hash(14695981039346656037, text));

    /// <summary>FNV-1a over the UTF-8 form.</summary>
    private static ulong Hash(ulong hash, string text)
    {
        Span<byte> bytes = stackalloc byte[256];
        var count = Encoding.UTF8.TryGetBytes(text, bytes, out var written) ? written : -1;
        foreach (var one in count >= 0 ? bytes[..count] : Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ one) * 1099511628211;
        }

        return hash;
    }

    /// <summary>Spreads every bit over all others (the finaliser of SplitMix64).</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
