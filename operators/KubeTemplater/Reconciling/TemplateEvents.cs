using Capstan;
using Capstan.Applying;
using KubeTemplater.Policies;
using KubeTemplater.Resources;

namespace KubeTemplater.Reconciling;

/// <summary>Tells people of the turns in a template's life, in its Events.</summary>
/// <remarks>Only of those: a retry that fails as the one before is no news, and a template that is completed without trouble says so in its status (an event for each would
/// be a third more writes).</remarks>
[Rbac("events.k8s.io", "events", "create", "patch")]
internal sealed class TemplateEvents(EventRecorder recorder)
{
    private const string Action = "Apply";

    /// <summary>Tells of the turn from the status that a template had to the one that is written now, if there is one.</summary>
    public void Tell(KubeTemplate template, KubeTemplateStatus after)
    {
        var (before, now) = (Ready(template.Status), Ready(after));
        switch (after.ProcessingPhase)
        {
            case Phases.Paused when template.Status?.ProcessingPhase != Phases.Paused:
                recorder.Warning(ObjectReference.To(template), "TemplatePaused", Action, after.Status!);
                break;
            case Phases.Failed when before is not { Status: "False" } || before.Reason != now?.Reason || before.Message != now?.Message:
                recorder.Warning(ObjectReference.To(template), "TemplateFailed", Action, after.Status!);
                break;
            case Phases.Completed when before is { Status: "False" }:
                recorder.Normal(ObjectReference.To(template), "TemplateCompleted", Action, now!.Message);
                break;
        }
    }

    /// <summary>Tells of what a policy found and let pass.</summary>
    /// <param name="template">The template, its status saying so.</param>
    public void TellViolations(KubeTemplate template)
    {
        if (Conditions.Find(template.Status?.Conditions, Compliance.Type) is { Status: "False" } found)
        {
            recorder.Warning(ObjectReference.To(template), $"PolicyViolation{found.Reason}", "Validate", found.Message);
        }
    }

    private static Condition? Ready(KubeTemplateStatus? status) => Conditions.Find(status?.Conditions, TemplateConditions.Ready);
}
