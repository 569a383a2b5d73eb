using System.Security.Cryptography;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Pods;
using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Node.Simulation;

/// <summary>A container that does nothing but be there: it is ready, fails and ends as its pod's annotations say, those that change while it runs included.</summary>
internal sealed class SimulatedRun : IContainerRun
{
    private readonly TimeProvider _time;
    private readonly PodRecord _pod;
    private readonly ContainerRecord _container;
    private readonly DateTimeOffset _startedAt;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<ContainerExit> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private DateTimeOffset _usedAt;
    private double _cpuNanoseconds;

    public SimulatedRun(PodRecord pod, ContainerRecord container, TimeProvider time)
    {
        (_pod, _container, _time) = (pod, container, time);
        _startedAt = _usedAt = time.GetUtcNow();
        Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        Life = LiveAsync();
    }

    public string Id { get; }

    public Task<ContainerExit> Ended => _ended.Task;

    public Stream? Input => null;

    private Task Life { get; }

    private SimulationPlan Plan => SimulationPlan.Of(_pod, _container);

    public void Terminate() => _stopping.Cancel();

    public void Kill()
    {
        _ended.TrySetResult(ContainerExit.Of(137));
        _stopping.Cancel();
    }

    /// <summary>Probes are not asked: what they would say is in the annotations.</summary>
    public async Task<Unhealthy?> WatchHealthAsync(Action<ContainerHealth> report, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var plan = Plan;
            var left = _startedAt + plan.ReadyAfter - _time.GetUtcNow();
            report(new(Started: true, Ready: left <= TimeSpan.Zero && !plan.FailReadiness));
            await _pod.WaitForChangeAsync(left > TimeSpan.Zero ? left : Timeout.InfiniteTimeSpan, _time, stop);
        }

        return null;
    }

    public async Task<string?> RunHookAsync(Kinds.LifecycleHandler hook, CancellationToken stop)
    {
        if (hook.Sleep is { } sleep)
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Clamp(sleep.Seconds, 0, int.MaxValue / 1000)), _time, stop);
        }

        return null;
    }

    public ContainerUsage Usage(ProcessSnapshot processes)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var plan = Plan;
            _cpuNanoseconds += (now - _usedAt).TotalNanoseconds * plan.Cpu;
            _usedAt = now;
            return new(now, (long)_cpuNanoseconds, plan.Memory);
        }
    }

    public Task<IExecSession> ExecAsync(IReadOnlyList<string> command, bool tty, CancellationToken cancellationToken) =>
        throw new ContainerStartException($"container {_container.Name} is simulated: there is nothing to run \"{(command.Count > 0 ? command[0] : "")}\" in");

    public IDisposable? Attach(Action<OutputChunk> output) => null;

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Life;
        _stopping.Dispose();
    }

    private async Task LiveAsync()
    {
        while (!_ended.Task.IsCompleted)
        {
            var plan = Plan;
            if (_stopping.IsCancellationRequested)
            {
                await Task.WhenAny(_ended.Task, Task.Delay(plan.StopAfter, _time));
                _ended.TrySetResult(ContainerExit.Of(0));
                return;
            }

            var left = plan.RunFor is { } runs ? _startedAt + runs - _time.GetUtcNow() : Timeout.InfiniteTimeSpan;
            if (plan.RunFor is not null && left <= TimeSpan.Zero)
            {
                _ended.TrySetResult(ContainerExit.Of(plan.ExitCode));
                return;
            }

            await _pod.WaitForChangeAsync(left, _time, _stopping.Token);
        }
    }
}
