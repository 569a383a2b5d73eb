using Capstan.Cluster.Node.Containers;

namespace Capstan.Cluster.Node.Pods;

/// <summary>The phase of a pod, from its containers.</summary>
internal static class PodPhase
{
    public static string Of(PodRecord pod)
    {
        // Told once nothing of it runs any more: whoever makes another then may.
        if (pod.Failure is not null && pod.AllContainers.All(container => container.Facts.State.Running is null))
        {
            return "Failed";
        }

        if (pod.Pod.Status?.Phase is { } ended and ("Succeeded" or "Failed"))
        {
            return ended;
        }

        var init = pod.InitContainers.Where(container => !container.IsSidecar).ToList();
        if (init.Any(container => LastExit(container) is { } code and not 0 && !RestartRule.Restarts(pod.Pod, container, code)))
        {
            return "Failed";
        }

        if (init.Any(IsPending) || (pod.InitContainers.Any(container => container.IsSidecar && IsPendingSidecar(container)) && !pod.Containers.Any(HasRun)))
        {
            return pod.IsTerminal ? "Failed" : "Pending";
        }

        if (pod.Containers.Any(container => container.Facts.State.Waiting is not null && LastExit(container) is null))
        {
            return pod.IsTerminal ? "Failed" : "Pending";
        }

        if (pod.Containers.Concat(pod.InitContainers.Where(container => container.IsSidecar)).Any(container => container.Facts.State.Running is not null))
        {
            return "Running";
        }

        var restarts = pod.Containers.Any(container => LastExit(container) is { } code && RestartRule.Restarts(pod.Pod, container, code));
        return restarts && !pod.IsTerminal ? "Running"
            : pod.Containers.All(container => container.Facts.State.Terminated is { ExitCode: 0 }) ? "Succeeded"
            : "Failed";
    }

    private static int? LastExit(ContainerRecord container) =>
        container.Facts.State.Terminated?.ExitCode ?? (container.Facts.State.Waiting is not null ? container.Facts.LastState?.Terminated?.ExitCode : null);

    private static bool IsPending(ContainerRecord container) =>
        container.Facts.State.Running is not null || (container.Facts.State.Waiting is not null && container.Facts.LastState?.Terminated is null);

    private static bool IsPendingSidecar(ContainerRecord container) => container.Facts.State.Running is not null ? !container.Facts.Started : IsPending(container);

    private static bool HasRun(ContainerRecord container) => container.Facts.ContainerId is not null;
}
