using System.Collections.Immutable;

namespace Capstan.Election.Sharding;

/// <summary>What a member says in its Lease about the keys that it may be working on. Immutable.</summary>
/// <param name="View">The members that it knows: it claims the keys that are its own among these.</param>
/// <param name="Draining">Hashes of keys that are no longer its own, with runs that have not ended.</param>
/// <param name="IsLeaving">It ends: the others count without it. Its <paramref name="View"/> is empty then.</param>
internal sealed record ShardClaim(ShardView View, ImmutableSortedSet<ulong> Draining, bool IsLeaving)
{
    /// <summary>Of a member that has just come, and knows nobody.</summary>
    public static readonly ShardClaim Nothing = new(ShardView.Empty, [], false);

    /// <summary>The last of a member that ended in good order.</summary>
    public static readonly ShardClaim Left = new(ShardView.Empty, [], true);

    /// <summary>Claims every key: what cannot be read may mean anything.</summary>
    public static readonly ShardClaim Everything = new(new(["?"]), [], false);

    /// <summary>Whether <paramref name="member"/>, whose claim this is, may be working on the key.</summary>
    public bool Covers(string member, ulong key) => ReferenceEquals(this, Everything) || View.OwnerOf(key) == member || Draining.Contains(key);

    public bool Equals(ShardClaim? other) =>
        other is not null && IsLeaving == other.IsLeaving && View.Equals(other.View) && Draining.SetEquals(other.Draining) && ReferenceEquals(this, Everything) == ReferenceEquals(other, Everything);

    public override int GetHashCode() => HashCode.Combine(View, Draining.Count, IsLeaving);
}

/// <summary>A member's Lease as it was read.</summary>
/// <param name="Name">Name of the member.</param>
/// <param name="Version">Changes with every write of the Lease.</param>
/// <param name="Duration">What it promised: without a change for so long it works no more.</param>
/// <param name="Claim">What it says.</param>
internal sealed record ShardRecord(string Name, string Version, TimeSpan Duration, ShardClaim Claim);
