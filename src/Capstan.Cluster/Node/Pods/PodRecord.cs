using System.Net;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;

namespace Capstan.Cluster.Node.Pods;

/// <summary>What the node knows of one of its pods, from when it came to it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class PodRecord
{
    private readonly Lock _lock = new();
    private volatile Pod _pod;
    private TaskCompletionSource _podChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="pod">As it came.</param>
    /// <param name="address">Its own.</param>
    /// <param name="now">When.</param>
    public PodRecord(Pod pod, IPAddress address, DateTimeOffset now)
    {
        _pod = pod;
        Address = address;
        StartTime = pod.Status?.StartTime ?? KubeTime.Truncate(now);
        Failure = pod.Status is { Phase: "Failed", Reason: { } reason } ended ? (reason, ended.Message ?? "") : null;
        var past = new PastContainers(pod, now);
        InitContainers = [.. (pod.Spec.InitContainers ?? []).Select(spec => new ContainerRecord(spec, isInit: true, past.Of(spec, isInit: true), () => Changed?.Invoke()))];
        Containers = [.. pod.Spec.Containers.Select(spec => new ContainerRecord(spec, isInit: false, past.Of(spec, isInit: false), () => Changed?.Invoke()))];
    }

    /// <summary>Something that its status tells has changed; any thread.</summary>
    public event Action? Changed;

    /// <summary>The pod as the server told it last.</summary>
    public Pod Pod => _pod;

    public string Uid => _pod.Metadata.Uid!;

    public ObjectKey Key => _pod.Key;

    public IPAddress Address { get; }

    public DateTimeOffset StartTime { get; }

    public IReadOnlyList<ContainerRecord> InitContainers { get; }

    public IReadOnlyList<ContainerRecord> Containers { get; }

    public IEnumerable<ContainerRecord> AllContainers => InitContainers.Concat(Containers);

    /// <summary>Why the pod as a whole has failed; null unless it did.</summary>
    public (string Reason, string Message)? Failure { get; private set; }

    /// <summary>Nothing of it will run again.</summary>
    public bool IsTerminal { get; private set; }

    /// <summary>Takes a newer state of the pod.</summary>
    public void Update(Pod pod)
    {
        var gates = _pod.Status?.Conditions?.Count != pod.Status?.Conditions?.Count || pod.Spec.ReadinessGates is not null || _pod.Metadata.Generation != pod.Metadata.Generation;
        _pod = pod;
        TaskCompletionSource told;
        lock (_lock)
        {
            told = _podChanged;
            _podChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        told.TrySetResult();
        if (gates)
        {
            Changed?.Invoke();
        }
    }

    /// <summary>Waits until the pod is told anew, something it uses changes, the time is over, or told to stop. Never throws.</summary>
    public async Task WaitForChangeAsync(TimeSpan atMost, TimeProvider time, CancellationToken stop)
    {
        Task changed;
        lock (_lock)
        {
            changed = _podChanged.Task;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(changed, Task.Delay(atMost, time, ended.Token));
        await ended.CancelAsync();
    }

    /// <summary>Has its status told as it is.</summary>
    public void Touch() => Changed?.Invoke();

    public void Fail(string reason, string message)
    {
        Failure ??= (reason, message);
        Changed?.Invoke();
    }

    public void MarkTerminal()
    {
        IsTerminal = true;
        Changed?.Invoke();
    }
}
