using System.Net;
using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Admission;

/// <summary>Judges KubeTemplatePolicies before they are stored: what could not be compiled, and so would allow nothing, is refused with its place, and so is a
/// second policy for one namespace, which would leave its templates with none that counts.</summary>
/// <remarks>
/// Thread-safe. Two policies for one namespace that are written at the same moment may both pass: neither is stored when the other is judged. The worker then
/// fails their templates and names both.
/// </remarks>
/// <param name="client">Reads the other policies from the server: a cache may not have one that was written just before.</param>
/// <param name="operatorNamespace">The namespace whose policies count.</param>
internal sealed class PolicyAdmission(KubeClient client, string operatorNamespace)
{
    /// <summary>Path of the webhook.</summary>
    public const string Path = "/validate-kubetemplater-io-v1alpha1-kubetemplatepolicy";

    /// <summary>Answers one review.</summary>
    public async ValueTask<AdmissionResult> ReviewAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Object is not { } submitted || request.SubResource.Length > 0 || SpecChange.IsNone(request))
        {
            return AdmissionResult.Allowed;
        }

        var policy = submitted.To<KubeTemplatePolicy>();
        policy.Metadata.Namespace = request.Namespace;
        var counts = request.Namespace == operatorNamespace;
        var faults = PolicyFaults.Of(policy, operatorNamespace);
        if (counts && policy.Spec.SourceNamespace.Length > 0)
        {
            faults.AddRange(await OthersAsync(request, policy, cancellationToken));
        }

        return faults.Count > 0 ? Denied(policy, faults) : AdmissionResult.Allowed with
        {
            Warnings =
            [
                .. counts ? (string[])[] : [$"the policy has no effect: only those in namespace {operatorNamespace} count"],
                .. PolicyFaults.WithoutEffect(policy.Spec),
            ],
        };
    }

    private async Task<IEnumerable<ApiStatusCause>> OthersAsync(AdmissionRequest request, KubeTemplatePolicy policy, CancellationToken cancellationToken)
    {
        if (request.OldObject?.To<KubeTemplatePolicy>().Spec.SourceNamespace == policy.Spec.SourceNamespace)
        {
            // If there are two by now, each may still be changed.
            return [];
        }

        var all = await client.ListAsync<KubeTemplatePolicy>(new() { Namespace = operatorNamespace }, cancellationToken);
        return all.Items
            .Where(other => other.Spec.SourceNamespace == policy.Spec.SourceNamespace && other.Metadata.Name != request.Name)
            .Select(other => new ApiStatusCause
            {
                Reason = "FieldValueDuplicate",
                Field = "spec.sourceNamespace",
                Message = $"KubeTemplatePolicy {other.Key} governs namespace {policy.Spec.SourceNamespace} already, and exactly one may",
            });
    }

    private static AdmissionResult Denied(KubeTemplatePolicy policy, IReadOnlyList<ApiStatusCause> faults) => AdmissionResult.Denied(new ApiStatus
    {
        Status = "Failure",
        Code = (int)HttpStatusCode.UnprocessableEntity,
        Reason = StatusReasons.Invalid,
        Message = string.Join("; ", faults.Select(fault => $"{fault.Field}: {fault.Message}")),
        Details = new() { Group = KubeTemplatePolicy.Resource.Group, Kind = KubeTemplatePolicy.Resource.Kind, Name = policy.Metadata.Name, Causes = faults },
    });
}
