using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cluster.Cleanup;

namespace Capstan.Cluster.Workloads;

/// <summary>Which objects a workload controls: those that name it as their controller and match; orphans that match are adopted, own ones that match no more released.</summary>
/// <remarks>As PodControllerRefManager of Kubernetes does it: before the first adoption the workload is read live, since its cache may not know yet that it is being deleted,
/// or that another of its name has taken its place.</remarks>
internal sealed class Claiming<T>(KubeClient client, ResourceType ownerType, KubeObject owner, Func<T, bool> matches, string? finalizer = null)
    where T : KubeObject, IKubeObject<T>
{
    private bool? _mayAdopt;

    /// <summary>The one reference by which the workload controls what it makes.</summary>
    public OwnerReference Reference { get; } = new()
    {
        ApiVersion = ownerType.ApiVersion, Kind = ownerType.Kind, Name = owner.Metadata.Name!, Uid = owner.Metadata.Uid!, Controller = true, BlockOwnerDeletion = true,
    };

    /// <summary>What of these is the workload's, after adopting and releasing.</summary>
    /// <param name="candidates">Of the workload's namespace.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<List<T>> ClaimAsync(IEnumerable<T> candidates, CancellationToken cancellationToken)
    {
        var claimed = new List<T>();
        foreach (var candidate in candidates)
        {
            if (await ClaimAsync(candidate, cancellationToken) is { } mine)
            {
                claimed.Add(mine);
            }
        }

        return claimed;
    }

    private async Task<T?> ClaimAsync(T candidate, CancellationToken cancellationToken)
    {
        if (Applying.Owners.ControllerOf(candidate) is { } controller)
        {
            if (controller.Uid != owner.Metadata.Uid)
            {
                return null;
            }

            if (matches(candidate))
            {
                return candidate;
            }

            if (owner.Metadata.DeletionTimestamp is null)
            {
                await PatchAsync(candidate, released: true, cancellationToken);
            }

            return null;
        }

        if (owner.Metadata.DeletionTimestamp is not null || candidate.Metadata.DeletionTimestamp is not null || !matches(candidate) || !await MayAdoptAsync(cancellationToken))
        {
            return null;
        }

        return await PatchAsync(candidate, released: false, cancellationToken);
    }

    private async Task<bool> MayAdoptAsync(CancellationToken cancellationToken) =>
        _mayAdopt ??= await client.FindAsync(ownerType, owner.Key, cancellationToken) is { DeletionTimestamp: null } live && live.Uid == owner.Metadata.Uid;

    private async Task<T?> PatchAsync(T candidate, bool released, CancellationToken cancellationToken)
    {
        var reference = released
            ? new JsonObject { ["$patch"] = "delete", ["uid"] = Reference.Uid }
            : new JsonObject
            {
                ["apiVersion"] = Reference.ApiVersion, ["kind"] = Reference.Kind, ["name"] = Reference.Name, ["uid"] = Reference.Uid,
                ["controller"] = true, ["blockOwnerDeletion"] = true,
            };

        // The uid keeps the patch from another object of the same name.
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = candidate.Metadata.Uid, ["ownerReferences"] = new JsonArray(reference) } };
        if (finalizer is not null)
        {
            // With it the adopted is kept until its owner has counted it; what is released is nobody's to count.
            patch["metadata"]![released ? "$deleteFromPrimitiveList/finalizers" : "finalizers"] = new JsonArray(finalizer);
        }

        try
        {
            return await client.PatchAsync<T>(
                candidate.Key, PatchType.StrategicMerge, Encoding.UTF8.GetBytes(patch.ToJsonString()), new PatchOptions { FieldManager = NamespaceController.Manager }, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound || error.IsInvalid || error.IsConflict)
        {
            // Gone, or another by now: the watch tells.
            return null;
        }
    }
}
