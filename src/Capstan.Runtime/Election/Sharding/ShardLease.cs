using System.Collections.Immutable;
using System.Globalization;

namespace Capstan.Election.Sharding;

/// <summary>A member's claim as it stands in its Lease. People can read it with <c>kubectl get lease -o yaml</c>.</summary>
internal static class ShardLease
{
    /// <summary>Label of all members' Leases: the name of their group.</summary>
    public const string GroupLabel = "capstan.internal/shard-group";

    private const string ViewAnnotation = "capstan.internal/shard-view";
    private const string DrainingAnnotation = "capstan.internal/shard-draining";
    private const string StateAnnotation = "capstan.internal/shard-state";
    private const string Member = "member", Leaving = "leaving";

    public static Lease Write(Lease before, ShardClaim claim, TimeSpan duration, DateTimeOffset now)
    {
        var annotations = new Dictionary<string, string>(before.Metadata.Annotations ?? [], StringComparer.Ordinal)
        {
            [StateAnnotation] = claim.IsLeaving ? Leaving : Member,
            [ViewAnnotation] = claim.View.ToString(),
            [DrainingAnnotation] = string.Join(',', claim.Draining.Select(key => key.ToString("x16", CultureInfo.InvariantCulture))),
        };
        return before with
        {
            Metadata = before.Metadata with { Annotations = annotations },
            Spec = (before.Spec ?? new()) with
            {
                HolderIdentity = claim.Equals(ShardClaim.Left) ? "" : before.Metadata.Name,
                LeaseDurationSeconds = (int)Math.Ceiling(duration.TotalSeconds),
                AcquireTime = before.Spec?.AcquireTime ?? now,
                RenewTime = now,
            },
        };
    }

    /// <param name="lease">Of any build of ours, or anybody's with the label.</param>
    /// <param name="defaultDuration">If it does not say.</param>
    public static ShardRecord Read(Lease lease, TimeSpan defaultDuration) => new(
        lease.Metadata.Name!,
        lease.Metadata.ResourceVersion ?? "",
        lease.Spec?.LeaseDurationSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : defaultDuration,
        ReadClaim(lease.Metadata.Annotations ?? []));

    private static ShardClaim ReadClaim(Dictionary<string, string> annotations)
    {
        if (!annotations.TryGetValue(StateAnnotation, out var state) || state is not (Member or Leaving)
            || !annotations.TryGetValue(ViewAnnotation, out var view) || !annotations.TryGetValue(DrainingAnnotation, out var draining))
        {
            return ShardClaim.Everything;
        }

        var keys = ImmutableSortedSet.CreateBuilder<ulong>();
        foreach (var text in Split(draining))
        {
            if (!ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var key))
            {
                return ShardClaim.Everything;
            }

            keys.Add(key);
        }

        return new(new(Split(view)), keys.ToImmutable(), state == Leaving);
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
