using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;

namespace Capstan.Cluster.Node.Pods;

/// <summary>What a pod's status says of its containers when the pod comes to a node: it ran before if the node did.</summary>
internal sealed class PastContainers(Pod pod, DateTimeOffset now)
{
    /// <summary>Facts to begin with. What ran is gone, as after a restart of a machine; what is not to be started again stays as it ended.</summary>
    public ContainerFacts Of(Container spec, bool isInit)
    {
        var waiting = new ContainerState { Waiting = new() { Reason = pod.Spec.InitContainers is { Count: > 0 } ? "PodInitializing" : "ContainerCreating" } };
        var before = (isInit ? pod.Status?.InitContainerStatuses : pod.Status?.ContainerStatuses)?.Find(status => status.Name == spec.Name);
        if (before?.ContainerID is not { Length: > 0 })
        {
            return new() { State = waiting };
        }

        var end = before.State?.Terminated ?? (before.State?.Running is { } running
            ? new TerminatedState { ExitCode = 255, Reason = "Unknown", StartedAt = running.StartedAt, FinishedAt = KubeTime.Truncate(now), ContainerID = before.ContainerID }
            : null);
        var facts = new ContainerFacts
        {
            State = waiting, LastState = end is null ? before.LastState : new() { Terminated = end }, RestartCount = before.RestartCount, ContainerId = before.ContainerID,
        };
        var isSidecar = isInit && spec.RestartPolicy == "Always";
        return end is not null && !isSidecar && !RestartRule.Restarts(pod.Spec.RestartPolicy, isInit, isSidecar, end.ExitCode)
            ? facts with { State = new() { Terminated = end }, LastState = before.LastState, Ready = isInit && end.ExitCode == 0 }
            : facts;
    }
}
