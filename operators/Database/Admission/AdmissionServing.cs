using Capstan;
using Databases.Resources;

namespace Databases.Admission;

/// <summary>Puts the webhooks into the operator, where every replica serves them, whether or not it leads.</summary>
[Rbac("", "secrets", "create", OwnNamespace = true)]
[Rbac("", "secrets", "get", "list", "watch", "update", ResourceNames = [AdmissionOptions.SecretName], OwnNamespace = true)]
[Rbac("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "get", "list", "watch", "patch", ResourceNames = [AdmissionOptions.Mutating])]
[Rbac("admissionregistration.k8s.io", "validatingwebhookconfigurations", "get", "list", "watch", "patch", ResourceNames = [AdmissionOptions.Validating])]
internal static class AdmissionServing
{
    /// <summary>Adds the webhooks, unless they are off.</summary>
    public static void AddTo(OperatorBuilder builder, AdmissionOptions options)
    {
        if (!options.IsServed)
        {
            return;
        }

        builder.AddMutatingWebhook<Database>(DatabaseDefaults.Path, static (request, _) => ValueTask.FromResult(DatabaseDefaults.Review(request)), needsCaches: false);
        builder.AddValidatingWebhook<Database>(DatabaseValidation.Path, static (request, _) => ValueTask.FromResult(DatabaseValidation.Review(request)), needsCaches: false);
    }
}
