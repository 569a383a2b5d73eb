namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Small differences between built-in kinds, one table for each.</summary>
internal static class KindTraits
{
    // Kinds that count generations; Pods and their like do since 1.33.
    private static readonly HashSet<(string Group, string Kind)> Generations =
    [
        ("", "Pod"), ("", "PodTemplate"), ("", "ReplicationController"), ("apps", "DaemonSet"), ("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "StatefulSet"),
        ("batch", "CronJob"), ("batch", "Job"), ("networking.k8s.io", "Ingress"), ("networking.k8s.io", "IngressClass"), ("networking.k8s.io", "NetworkPolicy"),
        ("policy", "PodDisruptionBudget"), ("apiextensions.k8s.io", "CustomResourceDefinition"), ("discovery.k8s.io", "EndpointSlice"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"), ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"), ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"), ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        ("scheduling.k8s.io", "PriorityClass"), ("flowcontrol.apiserver.k8s.io", "FlowSchema"), ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
    ];

    private static readonly HashSet<(string Group, string Kind)> CreatedByUpdate =
    [
        ("", "Endpoints"), ("", "Event"), ("events.k8s.io", "Event"), ("", "LimitRange"), ("", "Service"), ("coordination.k8s.io", "Lease"),
        ("node.k8s.io", "RuntimeClass"), ("rbac.authorization.k8s.io", "Role"), ("rbac.authorization.k8s.io", "RoleBinding"),
        ("rbac.authorization.k8s.io", "ClusterRole"), ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ];

    private static readonly HashSet<(string Group, string Kind)> GuardedUpdates =
    [
        ("apiextensions.k8s.io", "CustomResourceDefinition"), ("apiregistration.k8s.io", "APIService"), ("coordination.k8s.io", "Lease"),
        ("policy", "PodDisruptionBudget"), ("node.k8s.io", "RuntimeClass"), ("storage.k8s.io", "CSIDriver"), ("storage.k8s.io", "CSINode"),
        ("storage.k8s.io", "CSIStorageCapacity"), ("storage.k8s.io", "VolumeAttachment"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"), ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"), ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"), ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
    ];

    // Kinds whose rules for a change look at the metadata as for a new object once more: the causes of a Status show each look.
    private static readonly HashSet<(string Group, string Kind)> MetadataLookedAtTwice =
    [
        ("", "ConfigMap"), ("", "Secret"), ("", "ServiceAccount"), ("", "Pod"), ("", "PersistentVolumeClaim"), ("", "Service"), ("", "Endpoints"), ("", "Node"),
        ("apps", "StatefulSet"), ("certificates.k8s.io", "CertificateSigningRequest"), ("networking.k8s.io", "IngressClass"),
        ("rbac.authorization.k8s.io", "Role"), ("rbac.authorization.k8s.io", "RoleBinding"), ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"), ("resource.k8s.io", "ResourceClaim"), ("resource.k8s.io", "DeviceClass"),
        ("apiregistration.k8s.io", "APIService"), ("storagemigration.k8s.io", "StorageVersionMigration"),
    ];

    private static readonly string[] AllMetadata = ["labels", "annotations", "finalizers", "ownerReferences", "deletionTimestamp"];

    // Of most kinds a write of the status may bring labels and annotations along; of these it may not.
    private static readonly Dictionary<(string Group, string Kind), string[]> KeptByStatus = new()
    {
        [("", "Pod")] = ["ownerReferences", "deletionTimestamp"],
        [("apps", "Deployment")] = ["labels"],
        [("admissionregistration.k8s.io", "ValidatingAdmissionPolicy")] = AllMetadata,
        [("apiregistration.k8s.io", "APIService")] = AllMetadata,
        [("flowcontrol.apiserver.k8s.io", "FlowSchema")] = AllMetadata,
        [("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration")] = AllMetadata,
        [("networking.k8s.io", "ServiceCIDR")] = AllMetadata,
        [("resource.k8s.io", "ResourceClaim")] = AllMetadata,
        [("resource.k8s.io", "DeviceTaintRule")] = AllMetadata,
        [("storage.k8s.io", "VolumeAttachment")] = AllMetadata,
        [("storagemigration.k8s.io", "StorageVersionMigration")] = AllMetadata,
    };

    /// <summary>Fields of the metadata that a write to the status leaves as they were.</summary>
    public static IReadOnlyList<string> MetadataKeptByStatus(ResourceType type) => KeptByStatus.GetValueOrDefault((type.Group, type.Kind), []);

    /// <summary>Paths below which nobody comes to own a field by writing the status.</summary>
    public static IReadOnlyList<string> NotOwnedByStatus(ResourceType type) => MetadataKeptByStatus(type) switch
    {
        var all when all == AllMetadata => ["spec", "metadata"],
        var some => ["spec", .. some.Select(field => $"metadata.{field}")],
    };

    /// <summary>Whether a change of the kind has its metadata looked at as that of a new object once more.</summary>
    public static bool LooksAtMetadataTwice(ResourceType type) => MetadataLookedAtTwice.Contains((type.Group, type.Kind));

    /// <summary>Whether objects have <c>metadata.generation</c>.</summary>
    public static bool HasGeneration(ResourceType type) => Generations.Contains((type.Group, type.Kind));

    /// <summary>Whether PUT creates what does not exist.</summary>
    public static bool AllowsCreateOnUpdate(ResourceType type) => CreatedByUpdate.Contains((type.Group, type.Kind));

    /// <summary>Whether PUT may come without a resourceVersion.</summary>
    public static bool AllowsUnconditionalUpdate(ResourceType type) => !GuardedUpdates.Contains((type.Group, type.Kind));

    /// <summary>How objects may be named.</summary>
    public static NameRule NameRuleOf(ResourceType type) => (type.Group, type.Kind) switch
    {
        ("", "Namespace" or "Service") => Naming.DnsLabel,
        ("rbac.authorization.k8s.io", _) => Naming.PathSegment,
        ("batch", "CronJob") => (name, prefix) => [.. Naming.DnsSubdomain(name, prefix), .. name.Length > 52 ? (string[])["must be no more than 52 characters"] : []],
        _ => Naming.DnsSubdomain,
    };
}
