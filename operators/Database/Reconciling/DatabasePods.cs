using System.Text;
using System.Text.Json.Nodes;
using Capstan;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>The pods of a Database: what is known of them, and the little that is done to them.</summary>
[Rbac("", "pods", "get", "patch", "delete")]
internal sealed class DatabasePods(KubeClient client, OwnedObjects owned)
{
    /// <summary>What is known of a pod; null when there is none.</summary>
    public PodState? Find(Database database, string name) => owned.Find(ChildKinds.Pod, database.Key.Namespace, name) is { } pod ? PodState.Of(pod) : null;

    /// <summary>Whether this very pod is there still, by the server's own word.</summary>
    public async Task<bool> IsThereAsync(Database database, string name, string? uid, CancellationToken cancellationToken) =>
        await client.FindAsync(ChildKinds.Pod, new(database.Key.Namespace, name), cancellationToken) is { } pod && pod.Uid == uid;

    /// <summary>Tells the Services which pods are standbys. A single server has no need of it.</summary>
    public async Task LabelAsync(Database database, Provisioned made, CancellationToken cancellationToken)
    {
        foreach (var name in made.Replicas > 1 ? ChildNames.Pods(database, made.Replicas) : [])
        {
            var role = name == made.Primary ? PodRole.Primary : PodRole.Standby;
            if (Find(database, name) is { IsGoing: false } pod && pod.Role != role)
            {
                // Of this very pod: its successor may be another.
                var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Uid, ["labels"] = new JsonObject { [ChildNames.Role] = role } } };
                await IfThereAsync(() => client.PatchAsync(
                    ChildKinds.Pod, new(database.Key.Namespace, name), PatchType.Merge, Encoding.UTF8.GetBytes(patch.ToJsonString()), new() { FieldManager = ChildNames.Manager }, cancellationToken));
            }
        }
    }

    /// <summary>Restarts a server whose superuser has another password than the Secret, which it takes when it starts: once, for a Secret that is newer than the pod.</summary>
    /// <returns>Whether that can help.</returns>
    public async Task<bool> RestartAsync(Database database, PodState pod, Provisioned made, CancellationToken cancellationToken)
    {
        var secret = owned.Find(ChildKinds.Secret, database.Key.Namespace, ChildNames.Superuser(database));
        var madeAt = KubeTime.TryParse((string?)secret?.ToJson()["metadata"]?["creationTimestamp"], out var at) ? at : DateTimeOffset.UnixEpoch;
        if (pod.Name != made.Primary || madeAt < pod.StartedAt)
        {
            return pod.IsGoing;
        }

        await DeleteAsync(database, pod, cancellationToken);
        return true;
    }

    /// <summary>Deletes this very pod; the StatefulSet makes another of its name.</summary>
    public async Task DeleteAsync(Database database, PodState pod, CancellationToken cancellationToken)
    {
        if (!pod.IsGoing)
        {
            await IfThereAsync(() => client.DeleteAsync(ChildKinds.Pod, new(database.Key.Namespace, pod.Name), new() { Uid = pod.Uid }, cancellationToken));
        }
    }

    private static async Task IfThereAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (ApiException gone) when (gone.IsNotFound || gone.IsConflict)
        {
            // Another pod has the name by now, and is news of its own.
        }
    }
}
