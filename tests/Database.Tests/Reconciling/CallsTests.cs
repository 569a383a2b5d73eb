using System.Globalization;
using Capstan.Testing;
using Databases.Resources;

namespace Databases.Tests.Reconciling;

/// <summary>What the operator costs the API server.</summary>
public class CallsTests
{
    // Watches and the requests that begin them.
    private static readonly string[] _objects = ["databases", "databases/status", "secrets", "configmaps", "services", "statefulsets", "poddisruptionbudgets"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ReconcileMode.Single, 100)]
    [InlineData(ReconcileMode.Batch, 50)]
    [InlineData(ReconcileMode.Parallel, 50)]
    public async Task Calls_are_counted_for_each_Database_and_none_is_repeated_after_a_restart(ReconcileMode mode, int databases)
    {
        await using var running = await OperatorUnderTest.StartAsync(new() { Mode = mode, MaxConcurrentReconciles = 4 });
        await IdleAsync(running);
        var (begin, sent) = (await running.WritesAsync(), await SentAsync(running));
        for (var i = 0; i < databases; i++)
        {
            await running.Client.CreateAsync(Given.Database($"db-{i}"), cancellationToken: Cancelled);
        }

        await Eventually.SeeAsync(
            "all to be ready", async token => (await running.Client.ListAsync<Database>(new() { Namespace = "default" }, token)).Items.Count(one => one.Status?.Phase == Phases.Ready),
            ready => ready == databases, TimeSpan.FromSeconds(90), Cancelled);
        await IdleAsync(running);
        var made = await running.WritesAsync();
        foreach (var (call, each) in (ReadOnlySpan<(string, int)>)
                 [
                     ("APPLY secrets", 2), ("APPLY configmaps", 1), ("APPLY services", 3), ("APPLY statefulsets", 1), ("PATCH databases", 1), ("PATCH databases/status", 3),
                     ("GET secrets", 2), ("GET configmaps", 1), ("GET services", 3), ("GET statefulsets", 1),
                     ("DELETE secrets", 0), ("DELETE poddisruptionbudgets", 0), ("GET poddisruptionbudgets", 0),
                 ])
        {
            Assert.True(Count(call, begin, made) == each * databases, $"{call}: {Count(call, begin, made)} for {databases} Databases; all: {string.Join(", ", made)}");
        }

        // By the operator's own count: 7 looks for a name, one for volumes, 7 applies, a finalizer, 3 writes of the status. Events come behind, and so many as they are.
        var all = (await SentAsync(running)).ToDictionary(one => one.Key, one => one.Value - sent.GetValueOrDefault(one.Key));
        Assert.True((all["GET"], all["PATCH"]) == (8 * databases, 11 * databases), string.Join(", ", all));
        Assert.InRange(all.GetValueOrDefault("POST"), 0, 2 * databases);

        await running.StopOperatorAsync();
        var stopped = await running.WritesAsync();
        await running.StartOperatorAsync(new() { Mode = mode });
        await IdleAsync(running);

        Assert.DoesNotContain(await SentAsync(running), one => one.Key != "GET" && one.Value != 0);
        var restarted = await running.WritesAsync();
        Assert.Empty(restarted.Where(one => _objects.Any(kind => one.Key == $"GET {kind}") && one.Value != stopped.GetValueOrDefault(one.Key)));
    }

    private static long Count(string call, IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after) =>
        after.GetValueOrDefault(call) - before.GetValueOrDefault(call);

    /// <summary>Requests by method, as the operator counted them.</summary>
    private static async Task<Dictionary<string, long>> SentAsync(OperatorUnderTest running) => (await running.MetricsAsync()).Split('\n')
        .Where(line => line.StartsWith("rest_client_requests_total{", StringComparison.Ordinal))
        .GroupBy(line => line.Split("method=\"")[1].Split('"')[0], line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))
        .ToDictionary(method => method.Key, method => method.Sum());

    private static Task<bool> IdleAsync(OperatorUnderTest running) =>
        Eventually.SeeAsync("an idle operator", _ => Task.FromResult(running.Operator.IsIdle), idle => idle, cancellationToken: Cancelled);
}
