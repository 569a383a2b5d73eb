using System.Net;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Pods;

namespace Capstan.Cluster.Node;

/// <summary>What the kubelet's serving face asks of the pods that run here.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RunningPods(Kubelet kubelet, PodDirectories directories)
{
    /// <summary>A pod of this node; null if there is none.</summary>
    public PodOnNode? Find(ObjectKey key) => kubelet.Find(key) is { } worker ? new(worker.Record, directories) : null;

    /// <summary>All pods of this node.</summary>
    public IReadOnlyList<PodOnNode> List() => [.. kubelet.Workers.Select(worker => new PodOnNode(worker.Record, directories))];
}

/// <summary>One pod that runs here.</summary>
internal sealed class PodOnNode(PodRecord record, PodDirectories directories)
{
    public ObjectKey Key => record.Key;

    public string Uid => record.Uid;

    public IPAddress Address => record.Address;

    /// <summary>When it came here.</summary>
    public DateTimeOffset StartTime => record.StartTime;

    /// <summary>All containers, init containers first.</summary>
    public IReadOnlyList<ContainerOnNode> Containers => [.. record.AllContainers.Select(container => new ContainerOnNode(record, container, directories))];

    /// <summary>A container by its name; null if there is none.</summary>
    public ContainerOnNode? Find(string container) => Containers.FirstOrDefault(candidate => candidate.Name == container);
}

/// <summary>One container of such a pod.</summary>
internal sealed class ContainerOnNode(PodRecord pod, ContainerRecord container, PodDirectories directories)
{
    public string Name => container.Name;

    public bool IsInit => container.IsInit;

    /// <summary>As its status tells it now.</summary>
    public ContainerFacts Facts => container.Facts;

    /// <summary>Its input is closed after the first client that typed has left.</summary>
    public bool TakesInputOnce => container.Spec.StdinOnce == true;

    /// <summary>What runs; null when nothing does. Gives usage, commands to run beside it, and its output.</summary>
    public IContainerRun? Run => container.Run;

    /// <summary>Whether it has run at all, so that it has a log.</summary>
    public bool HasLog => Directory.Exists(directories.Logs(pod.Uid, container.Name));

    /// <summary>The log of its latest run, or of the one before; each older part that was rotated away has the time of that behind its name.</summary>
    public string LogFile(bool previous) => directories.LogFile(pod.Uid, container.Name, Facts.RestartCount - (previous ? 1 : 0));
}
