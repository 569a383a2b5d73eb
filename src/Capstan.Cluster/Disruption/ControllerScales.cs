using Capstan.Applying;
using Capstan.Caching;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Disruption;

/// <summary>How many pods the controllers of some pods want: a Deployment's wish counts where a ReplicaSet is one of its several; of other kinds their subresource <c>scale</c>.</summary>
internal sealed class ControllerScales(KubeClient client, Informer replicaSets, Informer deployments)
{
    /// <exception cref="ScaleException">A controller is gone, or of a kind that has no scale.</exception>
    public async Task<(int Scale, IReadOnlyList<string> Unmanaged)> CountAsync(IEnumerable<Pod> pods, CancellationToken cancellationToken)
    {
        var (scales, seen, unmanaged) = (new Dictionary<string, int>(), new HashSet<string>(), new List<string>());
        foreach (var pod in pods)
        {
            if (Owners.ControllerOf(pod) is not { } controller)
            {
                unmanaged.Add(pod.Metadata.Name!);
            }
            else if (seen.Add(controller.Uid))
            {
                var (uid, scale) = await FindAsync(pod, controller, cancellationToken) ?? throw new ScaleException($"found no controllers for pod \"{pod.Metadata.Name}\"");
                scales[uid] = scale;
            }
        }

        return (scales.Values.Sum(), unmanaged);
    }

    private async Task<(string Uid, int Scale)?> FindAsync(Pod pod, OwnerReference controller, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(pod.Metadata.Namespace!, controller.Name);
        var kind = GroupVersionKind.Parse(controller.ApiVersion, controller.Kind);
        if (kind is { Group: "apps", Kind: "ReplicaSet" } && replicaSets.CacheOf<ReplicaSet>().Get(key) is { } set && set.Metadata.Uid == controller.Uid)
        {
            return Owners.ControllerOf(set) is { Kind: "Deployment" } above && deployments.CacheOf<Deployment>().Get(new(key.Namespace, above.Name)) is { } deployment && deployment.Metadata.Uid == above.Uid
                ? (above.Uid, deployment.Spec.Replicas ?? 1)
                : (controller.Uid, set.Spec.Replicas ?? 1);
        }

        if (await client.Discovery.FindAsync(kind, cancellationToken) is not { } type)
        {
            return null;
        }

        try
        {
            var scale = await client.GetAsync(type, key, "scale", cancellationToken);
            return scale.Uid == controller.Uid ? (controller.Uid, (int?)scale.ToJson()["spec"]?["replicas"] ?? 0) : null;
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            // Gone, or a kind that is not scaled, as a Job.
            if (await client.FindAsync(type, key, cancellationToken) is not null)
            {
                throw new ScaleException($"{type.GroupResource} does not implement the scale subresource");
            }

            return null;
        }
    }
}

/// <summary>How many pods there should be cannot be found out, in Kubernetes' words.</summary>
internal sealed class ScaleException(string message) : Exception(message);
