using Capstan;
using Capstan.Applying;
using Capstan.Caching;
using KubeTemplater.Resources;

namespace KubeTemplater.Reconciling;

/// <summary>Writes <c>Queued</c> and <c>Processing</c>, for people who look at a template that waits or runs long.</summary>
internal sealed class PhaseMarks(KubeClient client, ObjectCache<KubeTemplate> templates)
{
    private readonly StatusWriter _writer = new(client);

    /// <summary>Whether a mark tells anything: not for a template that is applied and only waits to be found so, nor for one whose status says why it waits. That must stay:
    /// after a restart it is all that is known of the failures.</summary>
    public bool IsWorthMarking(ObjectKey key) =>
        templates.Get(key) is { Metadata.DeletionTimestamp: null, Spec.Suspend: not true } template
        && !TemplateReconciler.IsApplied(template)
        && !(template.Status is { ProcessingPhase: Phases.Failed or Phases.Paused } status && status.ObservedGeneration == template.Metadata.Generation);

    /// <summary>Writes the mark, unless the template changed since the cache saw it: then somebody is at it.</summary>
    public async Task WriteAsync(ObjectKey key, string phase, DateTimeOffset since)
    {
        if (templates.Get(key) is not { } template)
        {
            return;
        }

        var marked = template with { Status = (template.Status ?? new()) with { ProcessingPhase = phase, QueuedAt = KubeTime.Truncate(since) } };
        try
        {
            await _writer.WriteAsync(template, marked, onlyThisVersion: true);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or OperationCanceledException)
        {
            // A mark is a courtesy: the run itself reports what is wrong.
        }
    }
}
