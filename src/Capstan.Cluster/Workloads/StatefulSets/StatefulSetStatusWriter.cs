using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.StatefulSets;

/// <summary>Writes the status of a set, if it says something else.</summary>
internal sealed class StatefulSetStatusWriter(KubeClient client)
{
    private static readonly WriteOptions Writes = new() { FieldManager = NamespaceController.Manager, Subresource = "status" };

    public async Task WriteAsync(StatefulSet set, StatefulSetStatus status, CancellationToken cancellationToken)
    {
        CompleteUpdate(set, status);
        if (set.Status is { } known && known.ObservedGeneration >= status.ObservedGeneration && Comparable(known) == Comparable(status))
        {
            return;
        }

        var wanted = set with { Status = status };
        await client.RetryOnConflictAsync(
            async token =>
            {
                try
                {
                    return await client.UpdateAsync(wanted, Writes, token);
                }
                catch (ApiException error) when (error.IsConflict)
                {
                    // The next try is over what it is now; another one of the name has a status of its own.
                    var live = await client.GetAsync<StatefulSet>(set.Key, token);
                    wanted = live.Metadata.Uid == set.Metadata.Uid ? live with { Status = status } : wanted;
                    throw;
                }
            },
            cancellationToken);
    }

    /// <summary>An update is done when all pods are of it, and ready: then it is the current revision.</summary>
    private static void CompleteUpdate(StatefulSet set, StatefulSetStatus status)
    {
        var wanted = set.Spec.Replicas ?? 1;
        if (set.Spec.UpdateStrategy?.Type is null or "RollingUpdate" && status.UpdatedReplicas == wanted && status.ReadyReplicas == wanted && status.Replicas == wanted)
        {
            status.CurrentReplicas = status.UpdatedReplicas;
            status.CurrentRevision = status.UpdateRevision;
        }
    }

    private static (int, int, int, int, int, string?, string?) Comparable(StatefulSetStatus status) =>
        (status.Replicas, status.CurrentReplicas, status.ReadyReplicas, status.UpdatedReplicas, status.AvailableReplicas, status.CurrentRevision, status.UpdateRevision);
}
