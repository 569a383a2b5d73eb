using System.Net;
using System.Net.Sockets;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Probes;
using Capstan.Runtime.Tests;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Node.Probes;

/// <summary>What a container is told to be by its probes, and when.</summary>
public sealed class ProbeRunnerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<string> _unhealthy = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_comes_to_serve_between_two_questions_is_seen_then_and_one_bad_answer_is_counted()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;

        // The next question is due in ten minutes, and a second bad answer would end it.
        var probe = new Probe { TcpSocket = new() { Port = new IntOrString(port) }, PeriodSeconds = 600, FailureThreshold = 2 };
        var refused = new TaskCompletionSource();
        var (seen, running) = Run(new Container { StartupProbe = probe, ReadinessProbe = probe }, refused);
        await refused.Task.WaitAsync(Patience, Stop);
        listener.Listen();
        Assert.Equal(new(Started: true, Ready: true), await seen.WaitAsync(Patience, Stop));
        Assert.StartsWith("Startup probe failed: dial tcp 127.0.0.1:", Assert.Single(_unhealthy), StringComparison.Ordinal);
        Assert.False(running.IsCompleted);
    }

    [Fact]
    public async Task Commands_are_run_once_each_period()
    {
        var time = new ManualTime();
        var runs = 0;
        var target = new ProbeTarget(new Container(), IPAddress.Loopback, (_, _) => Task.FromResult((++runs < 3 ? 1 : 0, "")));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var ready = new TaskCompletionSource();
        var running = new ProbeRunner(
            new Container { ReadinessProbe = new() { Exec = new() { Command = ["x"] }, PeriodSeconds = 5 } }, target, _unhealthy.Add, time)
            .RunAsync(
                health =>
                {
                    if (health.Ready)
                    {
                        ready.TrySetResult();
                    }
                },
                stop.Token);
        for (var asked = 1; asked < 3; asked++)
        {
            await time.WaitForTimerAsync(TimeSpan.FromSeconds(5), Stop);
            Assert.Equal([TimeSpan.FromSeconds(5)], time.Timers);
            time.Advance(TimeSpan.FromSeconds(4));
            Assert.Equal(asked, runs);
            time.Advance(TimeSpan.FromSeconds(1));
            await Eventually.SeeAsync("the question that is due", _ => Task.FromResult(runs), count => count == asked + 1, Patience, Stop);
        }

        await ready.Task.WaitAsync(Patience, Stop);
        Assert.Equal(2, _unhealthy.Count);
        await stop.CancelAsync();
        Assert.Null(await running);
    }

    private (Task<ContainerHealth> Ready, Task Running) Run(Container container, TaskCompletionSource refused)
    {
        var ready = new TaskCompletionSource<ContainerHealth>(TaskCreationOptions.RunContinuationsAsynchronously);
        var target = new ProbeTarget(container, IPAddress.Loopback, (_, _) => throw new NotSupportedException());
        var running = new ProbeRunner(container, target, told =>
        {
            _unhealthy.Add(told);
            refused.TrySetResult();
        }, TimeProvider.System).RunAsync(
            health =>
            {
                if (health.Ready)
                {
                    ready.TrySetResult(health);
                }
            },
            Stop);
        return (ready.Task, running);
    }
}
