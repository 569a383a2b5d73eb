using Capstan;
using Capstan.Caching;
using KubeTemplater.Resources;

namespace KubeTemplater.Reconciling;

/// <summary>Writes the status of a run: one patch, and none when it says nothing new.</summary>
internal sealed class StatusPublisher(KubeClient client, ObjectCache<KubeTemplate> templates, PendingTemplates pending, WriteBudget budget)
{
    /// <summary>How the operator writes to the status of templates.</summary>
    public static readonly PatchOptions PatchOptions = new() { FieldManager = ObjectApplier.FieldManager, Subresource = "status" };

    /// <summary>Writes <paramref name="status"/> to the very template that was processed.</summary>
    public async Task WriteAsync(KubeTemplate template, KubeTemplateStatus status, CancellationToken cancellationToken)
    {
        // After this no mark of ours is under way; what one may have written is in the cache, which sees our own writes.
        await pending.FinishAsync(template.Key);
        var current = templates.Get(template.Key);
        if (current?.Metadata.Uid != template.Metadata.Uid || StatusReport.SaysTheSame(current!.Status, status))
        {
            return;
        }

        try
        {
            budget.CountWrite();
            var body = StatusReport.Patch(template, status);
            templates.Observe(await client.PatchAsync(KubeTemplate.Resource, template.Key, PatchType.Merge, body, PatchOptions, cancellationToken));
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Deleted, or another object under the same name by now (uid): its own event brings it here.
        }
    }
}
