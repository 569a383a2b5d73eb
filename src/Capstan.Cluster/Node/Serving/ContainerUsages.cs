using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Node.Serving;

/// <summary>What one container has used, and whose it is.</summary>
internal sealed record ContainerUsages(PodOnNode Pod, string Container, DateTimeOffset StartedAt, ContainerUsage Usage)
{
    /// <summary>As Prometheus writes them.</summary>
    public string Labels => $"container=\"{Container}\",{PodLabels}";

    /// <summary>Of the pod alone.</summary>
    public string PodLabels => $"namespace=\"{Pod.Key.Namespace}\",pod=\"{Pod.Key.Name}\"";

    /// <summary>All containers that run here now.</summary>
    /// <param name="pods">The pods.</param>
    /// <param name="processes">The machine's processes now: looked at once for all.</param>
    public static IReadOnlyList<ContainerUsages> Of(RunningPods pods, ProcessSnapshot processes) =>
    [
        .. from pod in pods.List()
           from container in pod.Containers
           let run = container.Run
           where run is { Ended.IsCompleted: false }
           select new ContainerUsages(pod, container.Name, container.Facts.State.Running?.StartedAt ?? pod.StartTime, run.Usage(processes)),
    ];
}
