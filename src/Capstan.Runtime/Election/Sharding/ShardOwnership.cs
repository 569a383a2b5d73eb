using System.Collections.Immutable;

namespace Capstan.Election.Sharding;

/// <summary>Which keys a member may start to work on, as long as its own Lease is good. Immutable.</summary>
/// <param name="Name">The member.</param>
/// <param name="Views">A key must be its own in all of these: what it claims, has claimed since it last looked at the others, and holds the objects of.</param>
/// <param name="Others">The other members that may be at work, with their claims: a key must be in none.</param>
internal sealed record ShardOwnership(string Name, ImmutableArray<ShardView> Views, ImmutableArray<ShardRecord> Others)
{
    public bool Has(ulong key)
    {
        foreach (var view in Views)
        {
            if (view.OwnerOf(key) != Name)
            {
                return false;
            }
        }

        foreach (var other in Others)
        {
            if (other.Claim.Covers(other.Name, key))
            {
                return false;
            }
        }

        return !Views.IsEmpty;
    }

    /// <summary>Without those others that cannot have a key of ours: two members that know each other order every key alike.</summary>
    public static ShardOwnership Of(string name, IEnumerable<ShardView> views, IEnumerable<ShardRecord> others)
    {
        ImmutableArray<ShardView> distinct = [.. views.Distinct()];
        return new(name, distinct, [.. others.Where(MayClash)]);

        bool MayClash(ShardRecord other) =>
            ReferenceEquals(other.Claim, ShardClaim.Everything) || !other.Claim.Draining.IsEmpty
            || (other.Claim.View.Members.Count > 0 && !(other.Claim.View.Contains(name) && distinct.Any(view => view.Contains(other.Name))));
    }

    public bool Equals(ShardOwnership? other) =>
        other is not null && Name == other.Name && Views.SequenceEqual(other.Views)
        && Others.Length == other.Others.Length && Others.Zip(other.Others).All(pair => pair.First.Name == pair.Second.Name && pair.First.Claim.Equals(pair.Second.Claim));

    public override int GetHashCode() => HashCode.Combine(Name, Views.Length, Others.Length);
}
