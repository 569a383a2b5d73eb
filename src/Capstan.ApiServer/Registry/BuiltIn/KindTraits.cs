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
