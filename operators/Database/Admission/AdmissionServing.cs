using Capstan;
using Databases.Resources;

namespace Databases.Admission;

/// <summary>Puts the webhooks into the operator, where every replica serves them, whether or not it leads.</summary>
[Rbac("", "secrets", "create", OwnNamespace = true)]
[Rbac("", "secrets", "get", "list", "watch", "update", ResourceNames = [AdmissionServing.SecretName], OwnNamespace = true)]
[Rbac("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "get", "list", "watch", "patch", ResourceNames = [AdmissionServing.Mutating])]
[Rbac("admissionregistration.k8s.io", "validatingwebhookconfigurations", "get", "list", "watch", "patch", ResourceNames = [AdmissionServing.Validating])]
internal static class AdmissionServing
{
    internal const string SecretName = "postgres-operator-webhook-cert";
    internal const string Mutating = "postgres-operator-mutating-webhook-configuration";
    internal const string Validating = "postgres-operator-validating-webhook-configuration";

    private const string Service = "postgres-operator-webhook-service";

    /// <summary>The options with the names that the manifests have.</summary>
    public static WebhookOptions Named(WebhookOptions options, string operatorNamespace)
    {
        var certificate = options.SelfSigned;
        (certificate.Namespace, certificate.SecretName, certificate.ServiceName) = (operatorNamespace, SecretName, Service);
        certificate.MutatingWebhookConfigurations = [Mutating];
        certificate.ValidatingWebhookConfigurations = [Validating];
        return options;
    }

    /// <summary>Adds the webhooks.</summary>
    public static void AddTo(OperatorBuilder builder)
    {
        builder.AddMutatingWebhook<Database>(DatabaseDefaults.Path, static (request, _) => ValueTask.FromResult(DatabaseDefaults.Review(request)), needsCaches: false);
        builder.AddValidatingWebhook<Database>(DatabaseValidation.Path, static (request, _) => ValueTask.FromResult(DatabaseValidation.Review(request)), needsCaches: false);
    }
}
