using System.Security.Cryptography;
using System.Text;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;

namespace Capstan.Cluster.Node.Pods;

/// <summary>The status that a kubelet writes of a pod.</summary>
internal static class PodStatusBuilder
{
    /// <summary>The status as of now.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="before">The status as it is: times of conditions that stay are its.</param>
    /// <param name="now">Time of what changes.</param>
    public static PodStatus Build(PodRecord pod, PodStatus? before, DateTimeOffset now)
    {
        var phase = PodPhase.Of(pod);
        var generation = pod.Pod.Metadata.Generation;
        var hasRun = pod.AllContainers.Any(container => container.Facts.ContainerId is not null);
        var address = (pod.Pod.Spec.HostNetwork == true ? NodeObject.Address : pod.Address.ToString());
        return new()
        {
            ObservedGeneration = generation,
            Phase = phase,
            Reason = phase == "Failed" ? pod.Failure?.Reason : null,
            Message = phase == "Failed" ? pod.Failure?.Message : null,
            StartTime = pod.StartTime,
            HostIP = NodeObject.Address,
            HostIPs = [new() { Ip = NodeObject.Address }],
            PodIP = hasRun ? address : null,
            PodIPs = hasRun ? [new() { Ip = address }] : null,
            Conditions = [.. PodConditions.Of(pod, phase, hasRun && !pod.IsTerminal).Select(condition => Timed(condition, before, generation, now))],
            InitContainerStatuses = pod.InitContainers.Count == 0 ? null : [.. pod.InitContainers.Select(StatusOf)],
            ContainerStatuses = [.. pod.Containers.Select(StatusOf).OrderBy(status => status.Name, StringComparer.Ordinal)],
        };
    }

    private static PodCondition Timed(PodCondition condition, PodStatus? before, long? generation, DateTimeOffset now)
    {
        var old = before?.Conditions?.Find(other => other.Type == condition.Type);
        return condition with { ObservedGeneration = generation, LastTransitionTime = old is not null && old.Status == condition.Status && old.LastTransitionTime is { } since ? since : KubeTime.Truncate(now) };
    }

    private static ContainerStatus StatusOf(ContainerRecord container)
    {
        var (spec, facts) = (container.Spec, container.Facts);
        return new()
        {
            Name = spec.Name,
            State = facts.State,
            LastState = facts.LastState ?? new(),
            Ready = facts.Ready,
            Started = facts.Started,
            RestartCount = facts.RestartCount,
            Image = spec.Image ?? "",
            ImageID = facts.ContainerId is null ? "" : ImageIdOf(spec.Image ?? ""),
            ContainerID = facts.ContainerId,
            AllocatedResources = spec.Resources?.Requests is { Count: > 0 } requests ? requests : null,
            Resources = spec.Resources is { Requests.Count: > 0 } or { Limits.Count: > 0 } ? spec.Resources with { UnknownFields = null } : null,
            VolumeMounts = spec.VolumeMounts is not { Count: > 0 } mounts ? null
                : [.. mounts.Select(mount => new MountStatus { Name = mount.Name, MountPath = mount.MountPath, ReadOnly = mount.ReadOnly, RecursiveReadOnly = mount.ReadOnly == true ? "Disabled" : null })],
        };
    }

    // Nothing was pulled, so nothing has a digest of its own: one name, one digest.
    private static string ImageIdOf(string image)
    {
        var tag = image.LastIndexOf(':');
        var repository = image.Contains('@', StringComparison.Ordinal) ? image[..image.IndexOf('@', StringComparison.Ordinal)] : tag > image.LastIndexOf('/') ? image[..tag] : image;
        return $"{repository}@sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image)))}";
    }
}
