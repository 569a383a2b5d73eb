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

    private static readonly HashSet<(string Group, string Kind)> Orphaning = [("", "ReplicationController"), ("batch", "Job")];

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

    /// <summary>Whether objects of the kind leave their dependents behind when nobody says otherwise.</summary>
    public static bool OrphansByDefault(ResourceType type) => Orphaning.Contains((type.Group, type.Kind));

    /// <summary>Fields of the metadata that a write to the status leaves as they were.</summary>
    public static IReadOnlyList<string> MetadataKeptByStatus(ResourceType type) => KeptByStatus.GetValueOrDefault((type.Group, type.Kind), []);

    /// <summary>Paths below which nobody comes to own a field by writing the status.</summary>
    public static IReadOnlyList<string> NotOwnedByStatus(ResourceType type) => MetadataKeptByStatus(type) switch
    {
        var all when all == AllMetadata => ["spec", "metadata"],
        var some => ["spec", .. some.Select(field => $"metadata.{field}")],
    };

    /// <summary>Whether objects have <c>metadata.generation</c>.</summary>
    public static bool HasGeneration(ResourceType type) => Generations.Contains((type.Group, type.Kind));

    /// <summary>Whether PUT creates what does not exist.</summary>
    public static bool AllowsCreateOnUpdate(ResourceType type) => CreatedByUpdate.Contains((type.Group, type.Kind));

    /// <summary>Whether PUT may come without a resourceVersion.</summary>
    public static bool AllowsUnconditionalUpdate(ResourceType type) => !GuardedUpdates.Contains((type.Group, type.Kind));

    // How an update judges metadata, beyond what all updates share: the new ones as if the object were new, the change, or both in some order.
    // The same fault may so be told several times, as Kubernetes does. Kinds that are not named here: the change.
    private static readonly Dictionary<(string Group, string Kind), MetadataStep[]> UpdateSteps = new()
    {
        [("", "ConfigMap")] = [MetadataStep.Change, MetadataStep.New],
        [("", "Endpoints")] = [MetadataStep.Change, MetadataStep.New],
        [("", "Event")] = [],
        [("", "LimitRange")] = [MetadataStep.New],
        [("", "Namespace")] = [MetadataStep.New, MetadataStep.Change],
        [("", "Node")] = [MetadataStep.New, MetadataStep.Change],
        [("", "Pod")] = [MetadataStep.Change, MetadataStep.New],
        [("", "PersistentVolume")] = [MetadataStep.New, MetadataStep.New],
        [("", "PersistentVolumeClaim")] = [MetadataStep.Change, MetadataStep.New],
        [("", "Secret")] = [MetadataStep.Change, MetadataStep.New],
        [("", "ServiceAccount")] = [MetadataStep.Change, MetadataStep.New],
        [("", "Pod")] = [MetadataStep.Change, MetadataStep.New],
        [("apiregistration.k8s.io", "APIService")] = [MetadataStep.Change, MetadataStep.New],
        [("certificates.k8s.io", "CertificateSigningRequest")] = [MetadataStep.New, MetadataStep.Change],
        [("resource.k8s.io", "DeviceClass")] = [MetadataStep.Change, MetadataStep.New],
        [("resource.k8s.io", "ResourceClaim")] = [MetadataStep.Change, MetadataStep.New],
        [("storagemigration.k8s.io", "StorageVersionMigration")] = [MetadataStep.Change, MetadataStep.New],
        [("apps", "ControllerRevision")] = [MetadataStep.Change, MetadataStep.New],
        [("batch", "Job")] = [MetadataStep.New, MetadataStep.Change],
        [("discovery.k8s.io", "EndpointSlice")] = [MetadataStep.New],
        [("networking.k8s.io", "Ingress")] = [MetadataStep.Change, MetadataStep.New],
        [("networking.k8s.io", "IngressClass")] = [MetadataStep.Change, MetadataStep.New],
        [("networking.k8s.io", "IPAddress")] = [MetadataStep.New, MetadataStep.Change],
        [("node.k8s.io", "RuntimeClass")] = [MetadataStep.New, MetadataStep.Change],
        [("policy", "PodDisruptionBudget")] = [],
        [("rbac.authorization.k8s.io", "ClusterRole")] = [MetadataStep.New, MetadataStep.Change],
        [("rbac.authorization.k8s.io", "ClusterRoleBinding")] = [MetadataStep.New, MetadataStep.Change],
        [("rbac.authorization.k8s.io", "Role")] = [MetadataStep.New, MetadataStep.Change],
        [("rbac.authorization.k8s.io", "RoleBinding")] = [MetadataStep.New, MetadataStep.Change],
        [("storage.k8s.io", "CSINode")] = [MetadataStep.New],
        [("storage.k8s.io", "CSIStorageCapacity")] = [MetadataStep.New, MetadataStep.Change],
        [("storage.k8s.io", "StorageClass")] = [MetadataStep.New, MetadataStep.Change],
        [("storage.k8s.io", "VolumeAttachment")] = [MetadataStep.New],
        [("storage.k8s.io", "VolumeAttributesClass")] = [MetadataStep.Change, MetadataStep.New],
    };

    // Fields of features that are off by default.
    private static readonly Dictionary<(string Group, string Kind), string[][]> Disabled = new()
    {
        [("", "PersistentVolumeClaim")] = [["spec", "dataSourceRef", "namespace"]],
        [("apps", "StatefulSet")] = [["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"]],
        [("coordination.k8s.io", "Lease")] = [["spec", "strategy"], ["spec", "preferredHolder"]],
        [("storage.k8s.io", "CSIDriver")] = [["spec", "preventPodSchedulingIfMissing"]],
    };

    // Kinds that take any name for a finalizer.
    private static readonly HashSet<(string Group, string Kind)> FreeFinalizers =
        [("", "Event"), ("coordination.k8s.io", "Lease"), ("coordination.k8s.io", "LeaseCandidate"), ("policy", "PodDisruptionBudget")];

    /// <summary>What an update checks of metadata, in this order.</summary>
    public static IReadOnlyList<MetadataStep> MetadataOnUpdate(ResourceType type) => UpdateSteps.GetValueOrDefault((type.Group, type.Kind)) ?? [MetadataStep.Change];

    /// <summary>Paths of fields that are taken with a feature that is off by default only.</summary>
    public static IReadOnlyList<string[]> DisabledFields(ResourceType type) => Disabled.GetValueOrDefault((type.Group, type.Kind)) ?? [];

    /// <summary>Whether finalizers must be Kubernetes' own or have a domain.</summary>
    public static bool ChecksFinalizers(ResourceType type) => !FreeFinalizers.Contains((type.Group, type.Kind));

    /// <summary>How objects may be named.</summary>
    public static NameRule NameRuleOf(ResourceType type) => (type.Group, type.Kind) switch
    {
        ("", "Namespace" or "Service") or ("apps", "StatefulSet") => Naming.DnsLabel,
        ("", "Event") or ("policy", "PodDisruptionBudget") => Naming.PathSegment,
        ("coordination.k8s.io", "LeaseCandidate") => (name, _) => Naming.ConfigKeyFaults(name),
        ("networking.k8s.io", "IPAddress") => (name, _) => Checks.Addresses.Parse(name)?.ToString() == name ? [] : ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"],
        ("rbac.authorization.k8s.io", _) => Naming.PathSegment,
        _ => Naming.DnsSubdomain,
    };
}

/// <summary>How an update judges metadata.</summary>
internal enum MetadataStep
{
    /// <summary>As if the object were new.</summary>
    New,

    /// <summary>What may not change, and the finalizers.</summary>
    Change,
}
