using Capstan;
using Capstan.Applying;
using Capstan.Caching;
using KubeTemplater.Applying;
using KubeTemplater.Resources;

namespace KubeTemplater.Reconciling;

/// <summary>Writes the status of a run: one patch, and none when it says nothing new.</summary>
[Rbac<KubeTemplate>("patch", Subresource = "status")]
internal sealed class StatusPublisher(KubeClient client, ObjectCache<KubeTemplate> templates, PendingTemplates pending, WriteBudget budget)
{
    private static readonly KubeTemplateSpec _noSpec = new();
    private readonly StatusWriter _writer = new(client);

    /// <summary>Writes <paramref name="status"/> to the very template that was processed: not to one that took its name since.</summary>
    /// <exception cref="ApiException">The server refused it, or the template changes faster than it can be written.</exception>
    public async Task WriteAsync(KubeTemplate template, KubeTemplateStatus status, CancellationToken cancellationToken)
    {
        // After this no mark of ours is under way; what one may have written is in the cache, which sees our own writes.
        await pending.FinishAsync(template.Key);
        await client.RetryOnConflictAsync(token => TryAsync(template, status, token), cancellationToken);
    }

    private async Task<DynamicObject?> TryAsync(KubeTemplate template, KubeTemplateStatus status, CancellationToken cancellationToken)
    {
        if (templates.Get(template.Key) is not { } current || current.Metadata.Uid != template.Metadata.Uid || StatusReport.SaysTheSame(current.Status, status))
        {
            return null;
        }

        try
        {
            budget.CountWrite();

            // The spec has no part in it, and may be large.
            var bare = current with { Spec = _noSpec };
            return await _writer.WriteAsync(bare, bare with { Status = status }, onlyThisVersion: true, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // Somebody changed the template meanwhile, if only its labels: read it as it is, and say the same of it.
            templates.Observe(await client.GetAsync(KubeTemplate.Resource, template.Key, cancellationToken));
            throw;
        }
    }
}
