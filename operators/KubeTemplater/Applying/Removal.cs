using Capstan;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>Deletes what a template made, object by object, and only that.</summary>
/// <remarks>
/// An object is deleted that carries the template's labels and is the one that was recorded (uid); where the operator was stopped before it could record one, the object
/// must have been applied by it. Anything else of that name is left alone, and so is what another template names.
/// </remarks>
internal sealed class Removal(ClaimBook claims, WriteBudget budget)
{
    /// <summary>Deletes an object, or finds that there is nothing to delete.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="template">The template.</param>
    /// <param name="made">What its status has of the object.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when nothing of it is left; else what is to be said of it: that it could not be deleted (Failed), or what it waits for.</returns>
    private async Task<ResourceStatus?> RemoveAsync(KubeClient client, KubeTemplate template, ResourceStatus made, CancellationToken cancellationToken)
    {
        var identity = ObjectIdentity.Of(made);
        if (await claims.HeirAsync(template, identity, cancellationToken) is not null)
        {
            return null;
        }

        try
        {
            if (await TypeAsync(client, made, cancellationToken) is not { } type)
            {
                // Its kind is not served any more, and so it is gone with all others of it.
                return null;
            }

            var key = new ObjectKey(type.Namespaced ? identity.Namespace : "", identity.Name);
            var live = await client.GetMetadataAsync(type, key, cancellationToken);
            if (!IsOurs(live, template, made))
            {
                return null;
            }

            if (live.DeletionTimestamp is null)
            {
                budget.CountWrite();
                if (await client.DeleteAsync(type, key, new() { Uid = live.Uid, PropagationPolicy = "Background" }, cancellationToken) is not { } left)
                {
                    return null;
                }

                live = left;
            }

            var holders = live.Finalizers.Count > 0 ? $", held by the finalizers {string.Join(", ", live.Finalizers)}" : "";
            return made with { State = null, Message = $"is being deleted{holders}" };
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // Another object by now, or one that somebody else is deleting: the next look tells.
            return made with { State = null, Message = "is being deleted" };
        }
        catch (ApiException e)
        {
            return made with { State = ResourceStates.Failed, Message = $"cannot be deleted: {e.Status.Message ?? e.Message}" };
        }
    }

    /// <summary>Deletes objects step by step; a step begins when nothing is left of those before it.</summary>
    /// <returns>What is left, in the order in which it was made.</returns>
    public async Task<List<ResourceStatus>> RemoveAllAsync(
        KubeClient client, KubeTemplate template, IEnumerable<IReadOnlyList<ResourceStatus>> steps, CancellationToken cancellationToken)
    {
        var left = new List<ResourceStatus>();
        foreach (var step in steps)
        {
            if (left.FirstOrDefault() is { } first)
            {
                left.AddRange(step.Select(made => made with { State = ResourceStates.Blocked, Message = $"is deleted after {ObjectIdentity.Of(first)}" }));
                continue;
            }

            var after = new ResourceStatus?[step.Count];
            await Parallel.ForAsync(
                0,
                step.Count,
                new ParallelOptions { MaxDegreeOfParallelism = TemplateRun.Parallelism, CancellationToken = cancellationToken },
                async (index, token) => after[index] = await RemoveAsync(client, template, step[index], token));
            left.AddRange(after.OfType<ResourceStatus>());
        }

        left.Reverse();
        return left;
    }

    /// <summary>Why objects could not be deleted; null when nothing speaks against it.</summary>
    public static TemplateException? FailureOf(IEnumerable<ResourceStatus> left) =>
        left.Where(one => one.State == ResourceStates.Failed).Select(one => $"{ObjectIdentity.Of(one)} {one.Message}").ToList() is { Count: > 0 } failures
            ? new(FailureReasons.DeleteFailed, string.Join("; ", failures))
            : null;

    /// <summary>What a deletion waits for, in words; null if for nothing.</summary>
    public static string? WaitingOf(IEnumerable<ResourceStatus> left) =>
        left.FirstOrDefault(one => one.State is null) is { } first ? $"{ObjectIdentity.Of(first)} {first.Message}" : null;

    private static async Task<ResourceType?> TypeAsync(KubeClient client, ResourceStatus made, CancellationToken cancellationToken) =>
        await client.Discovery.FindAsync(new(made.Group, made.Version, made.Kind), cancellationToken)
        ?? (await client.Discovery.ListAsync(cancellationToken)).FirstOrDefault(type => type.Group == made.Group && type.Kind == made.Kind);

    private static bool IsOurs(DynamicObject live, KubeTemplate template, ResourceStatus made) =>
        Tracking.Marks(live.Labels, template.Key) && (made.Uid is { } uid ? uid == live.Uid : WasApplied(live));

    private static bool WasApplied(DynamicObject live) =>
        live.ToJson()["metadata"]?["managedFields"] is System.Text.Json.Nodes.JsonArray managed
        && managed.Any(entry => (string?)entry?["manager"] == ObjectApplier.FieldManager && (string?)entry["operation"] == "Apply");
}
