using System.Collections.Concurrent;
using Capstan.Controllers;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Controllers;

/// <summary>A controller that shares its keys with those of other replicas.</summary>
public sealed class WorkAdmissionTests : IDisposable
{
    private static readonly ObjectKey Ours = new("default", "ours");
    private static readonly ObjectKey Theirs = new("default", "theirs");
    private readonly MetricsReading metrics = new();
    private readonly CancellationTokenSource lost = new();
    private readonly ConcurrentQueue<string> seen = new();
    private Controller controller = null!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        controller.Queue.ShutDown();
        lost.Dispose();
        metrics.Dispose();
    }

    [Fact]
    public async Task Keys_of_others_are_let_go_without_a_run()
    {
        Start((key, _) => Task.FromResult(ReconcileResult.Done));
        controller.Queue.AddRateLimited(Theirs);
        controller.Queue.Add(Theirs);
        controller.Queue.Add(Ours);
        await RestAsync();
        Assert.Equal(["begin ours", "run ours", "end ours"], seen);
        Assert.Equal((0, 0), (controller.Queue.Failures(Theirs), controller.Queue.Delayed));
    }

    [Fact]
    public async Task The_permit_lasts_as_long_as_the_run_and_its_loss_cancels_it()
    {
        var entered = new TaskCompletionSource();
        Start(async (_, token) =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return ReconcileResult.Done;
        });
        controller.Queue.Add(Ours);
        await entered.Task.WaitAsync(Patience);
        Assert.Equal(["begin ours", "run ours"], seen);
        await lost.CancelAsync();
        await RestAsync();
        Assert.Equal(["begin ours", "run ours", "end ours"], seen);

        // Neither an error nor a retry: whoever has the key by now sees the object as it is.
        Assert.Equal((0, 0), (controller.Queue.Failures(Ours), controller.Queue.Delayed));
        Assert.Equal("0", metrics["""controller_runtime_reconcile_errors_total{controller="test"}"""]);
    }

    private void Start(Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile)
    {
        var builder = new ControllerBuilder("test")
        {
            Reconcile = (key, token) =>
            {
                seen.Enqueue($"run {key.Name}");
                return reconcile(key, token);
            },
        };
        controller = new(builder, metrics.Meter, TimeProvider.System, NullLoggerFactory.Instance) { Admission = new(key => key == Ours, Begin) };
        _ = controller.RunAsync(CancellationToken.None);
    }

    private WorkPermit? Begin(ObjectKey key)
    {
        if (key != Ours)
        {
            return null;
        }

        seen.Enqueue($"begin {key.Name}");
        return new(lost.Token, () => seen.Enqueue($"end {key.Name}"));
    }

    private async Task RestAsync()
    {
        while (controller.Queue is not { Depth: 0, Running: 0 } || (seen.Count(line => line.StartsWith('b')) != seen.Count(line => line.StartsWith("end", StringComparison.Ordinal))))
        {
            await Task.Yield();
            Patience.ThrowIfCancellationRequested();
        }
    }
}
