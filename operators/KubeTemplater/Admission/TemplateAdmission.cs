using System.Net;
using System.Text.Json;
using Capstan;
using KubeTemplater.Policies;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Admission;

/// <summary>Judges KubeTemplates before they are stored, by the same judge as the worker, and tells everything that is wrong at once.</summary>
/// <remarks>
/// Thread-safe. Nothing but a new spec is judged: whoever labels a template, takes a finalizer off, suspends or deletes it is not stopped by a policy that was tightened
/// since, or by one that is gone. What cannot be judged is refused: no policy, caches that are not filled yet, or an exception.
/// </remarks>
/// <param name="judge">Knows the policies.</param>
/// <param name="lanes">Whose turn it is.</param>
/// <param name="metrics">Counts what is found.</param>
/// <param name="whatIsMissing">Why nothing can be judged yet; null when it can.</param>
internal sealed class TemplateAdmission(TemplateJudge judge, JudgingLanes lanes, AdmissionMetrics metrics, Func<string?> whatIsMissing)
{
    /// <summary>Path of the webhook; the Go operator's.</summary>
    public const string Path = "/validate-kubetemplater-io-v1alpha1-kubetemplate";

    private const int SecondsToRetry = 1;

    /// <summary>Answers one review.</summary>
    public async ValueTask<AdmissionResult> ReviewAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Object is not { } submitted || request.SubResource.Length > 0 || SpecChange.IsNone(request, "suspend"u8))
        {
            return AdmissionResult.Allowed;
        }

        if (whatIsMissing() is { } missing)
        {
            return AdmissionResult.Denied(new ApiStatus
            {
                Status = "Failure",
                Code = (int)HttpStatusCode.ServiceUnavailable,
                Reason = StatusReasons.ServiceUnavailable,
                Message = $"the template cannot be judged yet: {missing}",
                Details = new() { RetryAfterSeconds = SecondsToRetry },
            });
        }

        var template = submitted.To<KubeTemplate>();
        template.Metadata.Namespace = request.Namespace;
        try
        {
            var judgement = await judge.ReadAsync(template, Before(request), cancellationToken);
            var verdict = await lanes.JudgeAsync(request.Namespace, judgement.Decide, cancellationToken);
            if (!request.DryRun)
            {
                judge.Count(verdict);
            }

            return Answer(verdict);
        }
        catch (TemplateException fault)
        {
            return AdmissionResult.Denied(fault.Message);
        }
    }

    private AdmissionResult Answer(Verdict verdict)
    {
        var enforcement = verdict.Policy.Policy.Spec.Enforcement ?? "Deny";
        metrics.Found(enforcement, verdict.Warnings.Count + verdict.Faults.Count);
        if (verdict.Faults.Count > 0)
        {
            return AdmissionResult.Denied(verdict.FaultsText);
        }

        var warnings = verdict.Manifests
            .Where(manifest => manifest.Entry.Replace == true)
            .Select(manifest => $"{manifest}: replace is enabled: it is deleted and made anew when a change is refused because a field is immutable");
        return AdmissionResult.Allowed with
        {
            Warnings = [.. enforcement == "Audit" ? [] : verdict.Warnings, .. warnings],
            AuditAnnotations = verdict.Warnings.Count == 0 ? AdmissionResult.Allowed.AuditAnnotations : new Dictionary<string, string> { ["violations"] = Findings.Text(verdict.Warnings) },
        };
    }

    private static KubeTemplate? Before(AdmissionRequest request)
    {
        try
        {
            var old = request.OldObject?.To<KubeTemplate>();
            old?.Metadata.Namespace = request.Namespace;
            return old;
        }
        catch (JsonException)
        {
            // Stored under another schema: there is nothing to compare with, and the new one must be able to mend it.
            return null;
        }
    }
}
