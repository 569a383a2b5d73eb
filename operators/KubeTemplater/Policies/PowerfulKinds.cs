using Capstan;

namespace KubeTemplater.Policies;

/// <summary>Kinds through which somebody could give himself more than the policy gives him. A rule must name them in full: no <c>*</c> covers them.</summary>
internal static class PowerfulKinds
{
    private static readonly HashSet<(string Group, string Kind)> Named =
    [
        ("kubetemplater.io", "KubeTemplate"),
        ("kubetemplater.io", "KubeTemplatePolicy"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        ("apiregistration.k8s.io", "APIService"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ];

    /// <summary>Whether the kind is one of them. All of RBAC is.</summary>
    public static bool Has(GroupVersionKind kind) => kind.Group == "rbac.authorization.k8s.io" || Named.Contains((kind.Group, kind.Kind));
}
