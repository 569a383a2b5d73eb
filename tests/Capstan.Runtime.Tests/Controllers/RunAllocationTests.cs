using Capstan.Controllers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Controllers;

/// <summary>What the runtime itself allocates for a run, from the add to the end. The least of five rounds: other threads of the process only ever add to it.</summary>
[Collection(nameof(Alone))]
public sealed class RunAllocationTests
{
    private const int Runs = 1000;
    private static readonly ObjectKey Key = new("default", "a");
    private static readonly Task<ReconcileResult> Nothing = Task.FromResult(ReconcileResult.Done);

    [Fact]
    public Task A_run_that_does_nothing() => MeasureAsync(64, (_, _) => Nothing);

    [Fact]
    public Task A_run_that_does_nothing_but_wait() => MeasureAsync(500, async (_, _) =>
    {
        await Task.Yield();
        return ReconcileResult.Done;
    });

    [Fact]
    public Task A_run_with_a_timeout() => MeasureAsync(1000, (_, _) => Nothing, c => c.ReconcileTimeout = TimeSpan.FromMinutes(1));

    [Fact]
    public async Task A_run_with_logs_at_information()
    {
        using var log = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Information).AddSimpleConsole(options => options.IncludeScopes = true));
        await MeasureAsync(1000, (_, _) => Nothing, log: log);
    }

    private static async Task MeasureAsync(
        int atMost, Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile, Action<ControllerBuilder>? configure = null, ILoggerFactory? log = null)
    {
        using var metrics = new MetricsReading();
        var builder = new ControllerBuilder("test") { Reconcile = reconcile };
        configure?.Invoke(builder);
        var controller = new Controller(builder, metrics.Meter, TimeProvider.System, log ?? NullLoggerFactory.Instance);
        var running = controller.RunAsync(CancellationToken.None);
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Runs; i++)
            {
                controller.Queue.Add(Key);
                while (controller.Queue is not { Depth: 0, Running: 0 })
                {
                    Thread.Yield();
                }
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        controller.Queue.ShutDown();
        await running;
        var each = (double)least / Runs;
        TestContext.Current.TestOutputHelper?.WriteLine($"{each} bytes for each run");
        Assert.InRange(each, 0, atMost);
    }
}
