using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.StatefulSets;

/// <summary>Whom a claim goes with, by the set's policy: with the set when that is deleted, with its pod when the set is made smaller, or with nobody. Pure.</summary>
internal sealed class ClaimRetention(StatefulSet set)
{
    private readonly bool _withSet = set.Spec.PersistentVolumeClaimRetentionPolicy?.WhenDeleted == "Delete";
    private readonly bool _withPod = set.Spec.PersistentVolumeClaimRetentionPolicy?.WhenScaled == "Delete";

    /// <summary>Whether a claim goes with another pod of the name, which is not gone yet: the new one must not have it.</summary>
    public bool IsOfAnother(IReadOnlyList<OwnerReference> owners, Pod pod) => _withPod && IsStale(owners, Pod.Resource, pod.Key.Name, pod.Metadata.Uid);

    /// <summary>Whether somebody else manages a claim, which is then left alone.</summary>
    public bool HasConflict(IReadOnlyList<OwnerReference> owners, Pod pod) => (_withSet || _withPod) && owners.Any(owner =>
        IsOf(owner, StatefulSet.Resource, set.Key.Name) ? owner.Uid != set.Metadata.Uid
        : IsOf(owner, Pod.Resource, pod.Key.Name) ? owner.Uid != pod.Metadata.Uid
        : owner.Controller == true);

    /// <summary>The owners that a claim is to have; null if it has them.</summary>
    public List<OwnerReference>? Change(IReadOnlyList<OwnerReference> owners, Pod pod)
    {
        if (IsStale(owners, StatefulSet.Resource, set.Key.Name, set.Metadata.Uid) || IsStale(owners, Pod.Resource, pod.Key.Name, pod.Metadata.Uid))
        {
            // It goes with a set or pod of before.
            return null;
        }

        var (hasSet, hasPod) = (Has(owners, set.Metadata.Uid), Has(owners, pod.Metadata.Uid));
        var conflict = HasConflict(owners, pod);
        var isScaledDown = PodIdentity.OrdinalOf(set, pod.Key.Name) is not { } ordinal || !new SetOrdinals(set.Spec).Contains(ordinal);
        var wantsPod = !conflict && _withPod && isScaledDown;
        var wantsSet = !conflict && _withSet && !wantsPod;
        var isManaged = !owners.Any(owner => (owner.Uid == set.Metadata.Uid || owner.Uid == pod.Metadata.Uid) && owner.Controller != true);
        if (hasSet == wantsSet && hasPod == wantsPod && (isManaged || conflict))
        {
            return null;
        }

        List<OwnerReference> wanted = [.. owners.Where(owner => !IsOf(owner, StatefulSet.Resource, set.Key.Name) && !IsOf(owner, Pod.Resource, pod.Key.Name))];
        if (wantsSet)
        {
            wanted.Add(Reference(StatefulSet.Resource, set));
        }

        if (wantsPod)
        {
            wanted.Add(Reference(Pod.Resource, pod));
        }

        return wanted;
    }

    private static bool Has(IReadOnlyList<OwnerReference> owners, string? uid) => owners.Any(owner => owner.Uid == uid);

    private static bool IsStale(IReadOnlyList<OwnerReference> owners, ResourceType type, string name, string? uid) =>
        owners.FirstOrDefault(owner => IsOf(owner, type, name)) is { } owner && owner.Uid != uid;

    private static bool IsOf(OwnerReference owner, ResourceType type, string name) => owner.ApiVersion == type.ApiVersion && owner.Kind == type.Kind && owner.Name == name;

    private static OwnerReference Reference(ResourceType type, KubeObject owner) => new()
    {
        ApiVersion = type.ApiVersion, Kind = type.Kind, Name = owner.Key.Name, Uid = owner.Metadata.Uid!, Controller = true, BlockOwnerDeletion = true,
    };
}
