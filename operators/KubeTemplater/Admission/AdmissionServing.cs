using Capstan;
using Capstan.Caching;
using KubeTemplater.Policies;

namespace KubeTemplater.Admission;

/// <summary>Puts the webhooks into the operator, where every replica serves them, whether or not it leads.</summary>
[Rbac("", "secrets", "create", OwnNamespace = true)]
[Rbac("", "secrets", "get", "list", "watch", "update", ResourceNames = [AdmissionOptions.DefaultSecret], OwnNamespace = true)]
[Rbac("admissionregistration.k8s.io", "validatingwebhookconfigurations", "get", "list", "watch", "patch", ResourceNames = [AdmissionOptions.DefaultConfiguration])]
internal static class AdmissionServing
{
    /// <summary>Adds the webhooks, unless they are off.</summary>
    /// <param name="builder">The operator.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="judge">Knows the policies.</param>
    /// <param name="policies">What the judge reads, and must have read once before it is asked.</param>
    /// <param name="namespaces">Likewise.</param>
    /// <param name="time">Clock of the durations.</param>
    public static void Add(OperatorBuilder builder, KubeTemplaterOptions options, TemplateJudge judge, Informer policies, Informer namespaces, TimeProvider time)
    {
        if (!options.Admission.IsServed)
        {
            return;
        }

        var metrics = new AdmissionMetrics(builder.Meter);
        var templates = new TemplateAdmission(judge, new(Environment.ProcessorCount, time), metrics, () => policies.HasSynced && namespaces.HasSynced ? null : "the operator has not read all policies and namespaces");
        builder.AddValidatingWebhook(TemplateAdmission.Path, Measured("KubeTemplate", templates.ReviewAsync));
        builder.AddValidatingWebhook(PolicyAdmission.Path, Measured("KubeTemplatePolicy", new PolicyAdmission(builder.Client, options.OperatorNamespace).ReviewAsync));

        Func<AdmissionRequest, CancellationToken, ValueTask<AdmissionResult>> Measured(string kind, Func<AdmissionRequest, CancellationToken, ValueTask<AdmissionResult>> review) =>
            async (request, cancellationToken) =>
            {
                var startedAt = time.GetTimestamp();
                AdmissionResult? result = null;
                try
                {
                    return result = await review(request, cancellationToken);
                }
                finally
                {
                    metrics.Reviewed(kind, request.Operation, result, time.GetElapsedTime(startedAt));
                }
            };
    }
}
