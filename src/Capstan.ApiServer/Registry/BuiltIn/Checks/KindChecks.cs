using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>What a kind is validated by, beyond its metadata. Each is called with the object itself as place.</summary>
/// <param name="Check">Faults of a new object and, unless <see cref="Update"/> is given, of a changed one.</param>
internal sealed record KindCheck(Action<Place> Check)
{
    /// <summary>All faults of a changed object, beside what it was.</summary>
    public Action<Place, JsonObject>? Update { get; init; }

    /// <summary>Faults of a change through <c>status</c>, beside what it was; none when absent.</summary>
    public Action<Place, JsonObject>? Status { get; init; }

    /// <summary>Texts of warnings for a new object.</summary>
    public Func<Place, IEnumerable<string>>? Warn { get; init; }

    /// <summary>Texts of warnings for a changed object; the same as for a new one when absent.</summary>
    public Func<Place, JsonObject, IEnumerable<string>>? WarnOfUpdate { get; init; }

    /// <summary>Texts of warnings for a change through <c>status</c>.</summary>
    public Func<Place, IEnumerable<string>>? WarnOfStatus { get; init; }
}

/// <summary>The checks of the kinds that need no more rules than these, one entry each.</summary>
internal static class KindChecks
{
    private static readonly Dictionary<(string Group, string Kind), KindCheck> ByKind = new()
    {
        [("", "Endpoints")] = EndpointsChecks.Endpoints,
        [("", "LimitRange")] = LimitRangeChecks.LimitRange,
        [("", "Node")] = NodeChecks.Node,
        [("", "PersistentVolume")] = VolumeChecks.Volume,
        [("", "PersistentVolumeClaim")] = ClaimChecks.Claim,
        [("", "ResourceQuota")] = QuotaChecks.Quota,
        [("autoscaling", "HorizontalPodAutoscaler")] = AutoscalerChecks.Autoscaler,
        [("coordination.k8s.io", "Lease")] = LeaseChecks.Lease,
        [("coordination.k8s.io", "LeaseCandidate")] = LeaseChecks.Candidate,
        [("discovery.k8s.io", "EndpointSlice")] = EndpointsChecks.Slice,
        [("networking.k8s.io", "Ingress")] = IngressChecks.Ingress,
        [("networking.k8s.io", "IngressClass")] = IngressChecks.Class,
        [("networking.k8s.io", "IPAddress")] = NetworkChecks.Address,
        [("networking.k8s.io", "NetworkPolicy")] = NetworkChecks.Policy,
        [("networking.k8s.io", "ServiceCIDR")] = NetworkChecks.ServiceRange,
        [("node.k8s.io", "RuntimeClass")] = NodeChecks.RuntimeClass,
        [("policy", "PodDisruptionBudget")] = BudgetChecks.Budget,
        [("storage.k8s.io", "CSIDriver")] = CsiChecks.Driver,
        [("storage.k8s.io", "CSINode")] = CsiChecks.Node,
        [("storage.k8s.io", "CSIStorageCapacity")] = CsiChecks.Capacity,
        [("storage.k8s.io", "StorageClass")] = StorageChecks.Class,
        [("storage.k8s.io", "VolumeAttachment")] = StorageChecks.Attachment,
        [("storage.k8s.io", "VolumeAttributesClass")] = StorageChecks.AttributesClass,
    };

    /// <summary>The checks of a kind; null when it has none here.</summary>
    public static KindCheck? Of(ResourceType type) => ByKind.GetValueOrDefault((type.Group, type.Kind));
}
