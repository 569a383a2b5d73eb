using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Pods;
using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Tests.Node;

/// <summary>An engine whose containers do what no engine should, as often as it is told to, and otherwise what another engine does.</summary>
internal sealed class FailingEngine(IContainerEngine inner) : IContainerEngine
{
    /// <summary>How many of the next ends cannot be cleaned up after.</summary>
    public int FailingEnds;

    /// <summary>How many of the next runs cannot be watched.</summary>
    public int FailingWatches;

    public async Task<IContainerRun> StartAsync(ContainerStart start, CancellationToken cancellationToken) => new Run(this, await inner.StartAsync(start, cancellationToken));

    public Task ReleaseAsync(PodRecord pod) => inner.ReleaseAsync(pod);

    private sealed class Run(FailingEngine engine, IContainerRun inner) : IContainerRun
    {
        public string Id => inner.Id;

        public Task<ContainerExit> Ended => inner.Ended;

        public Stream? Input => inner.Input;

        public void Terminate() => inner.Terminate();

        public void Kill() => inner.Kill();

        public Task<Unhealthy?> WatchHealthAsync(Action<ContainerHealth> report, CancellationToken stop) =>
            Interlocked.Decrement(ref engine.FailingWatches) >= 0 ? throw new InvalidOperationException("it cannot be watched") : inner.WatchHealthAsync(report, stop);

        public Task<string?> RunHookAsync(LifecycleHandler hook, CancellationToken stop) => inner.RunHookAsync(hook, stop);

        public ContainerUsage Usage(ProcessSnapshot processes) => inner.Usage(processes);

        public Task<IExecSession> ExecAsync(IReadOnlyList<string> command, bool tty, CancellationToken cancellationToken) => inner.ExecAsync(command, tty, cancellationToken);

        public IDisposable? Attach(Action<OutputChunk> output) => inner.Attach(output);

        public async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            if (Interlocked.Decrement(ref engine.FailingEnds) >= 0)
            {
                throw new InvalidOperationException("its directory is somebody else's");
            }
        }
    }
}
