using System.Net;

namespace Capstan.Cluster.Node.Containers;

/// <summary>A container that has been started: a process of this machine, or a simulated one.</summary>
internal interface IContainerRun : IAsyncDisposable
{
    /// <summary>Identity, 64 hexadecimal digits.</summary>
    string Id { get; }

    /// <summary>Done when it has ended.</summary>
    Task<ContainerExit> Ended { get; }

    /// <summary>Asks it to end (SIGTERM).</summary>
    void Terminate();

    /// <summary>Ends it (SIGKILL).</summary>
    void Kill();

    /// <summary>Follows how it is, until <paramref name="stop"/>, or until it must be ended: then says why.</summary>
    Task<Unhealthy?> WatchHealthAsync(Action<ContainerHealth> report, CancellationToken stop);

    /// <summary>Does what a container asks for after its start or before its end.</summary>
    /// <returns>What went wrong; null: nothing.</returns>
    Task<string?> RunHookAsync(Kinds.LifecycleHandler hook, CancellationToken stop);

    /// <summary>What it has used so far.</summary>
    /// <param name="processes">The machine's processes now, for all who are asked at this time.</param>
    ContainerUsage Usage(Processes.ProcessSnapshot processes);

    /// <summary>Runs a command beside it.</summary>
    /// <exception cref="ContainerStartException">It cannot be run.</exception>
    Task<IExecSession> ExecAsync(IReadOnlyList<string> command, bool tty, CancellationToken cancellationToken);

    /// <summary>Where its standard input goes; null when it has none.</summary>
    Stream? Input { get; }

    /// <summary>Tells what it writes from now on, until the result is disposed. Null: it writes nothing.</summary>
    IDisposable? Attach(Action<OutputChunk> output);
}

/// <summary>How a container ended.</summary>
internal sealed record ContainerExit(int Code, string Reason, string? Message = null)
{
    public static ContainerExit Of(int code, string? message = null) => new(code, code == 0 ? "Completed" : "Error", message);
}

/// <summary>How a container is.</summary>
internal readonly record struct ContainerHealth(bool Started, bool Ready);

/// <summary>Why a container must be ended.</summary>
/// <param name="Probe"><c>liveness</c> or <c>startup</c>.</param>
/// <param name="Grace">Of the probe; null: the pod's.</param>
internal sealed record Unhealthy(string Probe, TimeSpan? Grace);

/// <summary>What a container has used.</summary>
/// <param name="At">When this was so.</param>
/// <param name="CpuNanoseconds">Processor time since it started.</param>
/// <param name="MemoryBytes">Resident memory.</param>
internal readonly record struct ContainerUsage(DateTimeOffset At, long CpuNanoseconds, long MemoryBytes);

/// <summary>Bytes that a container wrote.</summary>
internal readonly record struct OutputChunk(bool IsError, ReadOnlyMemory<byte> Bytes);

/// <summary>A command that runs beside a container. Disposing ends it.</summary>
internal interface IExecSession : IAsyncDisposable
{
    Stream Input { get; }

    Stream Output { get; }

    /// <summary>Null with a terminal, which has one output.</summary>
    Stream? Error { get; }

    /// <summary>Exit code, once it has ended.</summary>
    Task<int> Ended { get; }

    /// <summary>Tells a terminal its size; without one, nothing.</summary>
    void Resize(int columns, int rows);
}

/// <summary>What a container is started with.</summary>
/// <param name="Pod">Its pod.</param>
/// <param name="Container">It.</param>
/// <param name="RestartCount">How often it was started before; names its log file.</param>
internal sealed record ContainerStart(Pods.PodRecord Pod, ContainerRecord Container, int RestartCount)
{
    public IPAddress Address => Pod.Address;
}

/// <summary>Starts containers.</summary>
internal interface IContainerEngine
{
    /// <exception cref="ContainerConfigException">Something that it needs is not there (yet).</exception>
    /// <exception cref="ContainerStartException">It cannot be started.</exception>
    /// <exception cref="Volumes.VolumeException">A volume of its pod is not there (yet).</exception>
    Task<IContainerRun> StartAsync(ContainerStart start, CancellationToken cancellationToken);

    /// <summary>Nothing of a pod will be started any more.</summary>
    Task ReleaseAsync(Pods.PodRecord pod);
}

/// <summary>A container lacks something that may still come, such as a Secret.</summary>
internal sealed class ContainerConfigException(string message) : Exception(message);

/// <summary>A program could not be started.</summary>
internal sealed class ContainerStartException(string message, Exception? inner = null) : Exception(message, inner);
