using System.Text.Json;
using Capstan;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>Kinds through which somebody could give himself more than the policy gives him. A rule must name them in full: no <c>*</c> covers them.</summary>
internal static class PowerfulKinds
{
    // Of these groups all kinds decide who may do what, or what the API server does with the requests of others: templates and policies, RBAC (OpenShift has its
    // own beside it), webhook configurations and admission policies, aggregated APIs, definitions, and certificates by which somebody is somebody else.
    private static readonly HashSet<string> _groups = new(StringComparer.Ordinal)
    {
        "kubetemplater.io",
        "rbac.authorization.k8s.io",
        "authorization.openshift.io",
        "admissionregistration.k8s.io",
        "apiregistration.k8s.io",
        "apiextensions.k8s.io",
        "certificates.k8s.io",
    };

    /// <summary>Whether the kind is one of them.</summary>
    public static bool Has(GroupVersionKind kind) => _groups.Contains(kind.Group);

    /// <summary>Whether the object is one of them: of a kind that is, or a Secret that the control plane fills with a token of a ServiceAccount, or takes for one of a node.</summary>
    public static bool Has(Manifest manifest) => Has(manifest.Kind) || (manifest.Kind is { Group: "", Kind: "Secret" } && IsToken(manifest.Entry.Object));

    private static bool IsToken(JsonElement secret) =>
        secret.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
        && (type.ValueEquals("kubernetes.io/service-account-token"u8) || type.ValueEquals("bootstrap.kubernetes.io/token"u8));
}
