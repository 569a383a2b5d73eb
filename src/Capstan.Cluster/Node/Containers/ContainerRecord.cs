using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Node.Containers;

/// <summary>What is known of one container of a pod.</summary>
/// <remarks>Thread-safe: <see cref="Facts"/> is replaced as a whole, by the container's loop.</remarks>
internal sealed class ContainerRecord(Container spec, bool isInit, ContainerFacts facts, Action changed)
{
    private volatile ContainerFacts _facts = facts;

    public Container Spec { get; } = spec;

    public string Name => Spec.Name;

    public bool IsInit { get; } = isInit;

    /// <summary>An init container that goes on beside the others.</summary>
    public bool IsSidecar { get; } = isInit && spec.RestartPolicy == "Always";

    public ContainerFacts Facts
    {
        get => _facts;
        set
        {
            if (_facts != value)
            {
                _facts = value;
                changed();
            }
        }
    }

    /// <summary>What runs now; null when nothing does.</summary>
    public IContainerRun? Run { get; set; }
}

/// <summary>State of a container at one moment.</summary>
internal sealed record ContainerFacts
{
    public ContainerState State { get; init; } = new();

    public ContainerState? LastState { get; init; }

    public int RestartCount { get; init; }

    public string? ContainerId { get; init; }

    public bool Started { get; init; }

    public bool Ready { get; init; }
}
