using Capstan.Testing;
using Databases.Resources;

namespace Databases.Tests.Reconciling;

/// <summary>What the operator costs the API server.</summary>
public class CallsTests
{
    private const int Databases = 20;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ReconcileMode.Single)]
    [InlineData(ReconcileMode.Batch)]
    [InlineData(ReconcileMode.Parallel)]
    public async Task Calls_are_counted_for_each_Database_and_none_is_repeated_after_a_restart(ReconcileMode mode)
    {
        await using var running = await OperatorUnderTest.StartAsync(new() { Mode = mode, MaxConcurrentReconciles = 4 });
        await IdleAsync(running);
        var begin = await running.WritesAsync();
        for (var i = 0; i < Databases; i++)
        {
            await running.Client.CreateAsync(Given.Database($"db-{i}"), cancellationToken: Cancelled);
        }

        for (var i = 0; i < Databases; i++)
        {
            await running.SeenAsync("default", $"db-{i}", Phases.Ready);
        }

        await IdleAsync(running);
        var made = await running.WritesAsync();
        foreach (var (call, most) in (ReadOnlySpan<(string, int)>)
                 [
                     ("APPLY secrets", 2), ("APPLY configmaps", 1), ("APPLY services", 3), ("APPLY statefulsets", 1), ("PATCH databases", 1), ("PATCH databases/status", 3),
                     ("GET secrets", 2),
                     ("DELETE secrets", 0), ("DELETE poddisruptionbudgets", 0),
                 ])
        {
            Assert.True(Count(call, begin, made) == most * Databases, $"{call}: {Count(call, begin, made)} for {Databases} Databases; all: {string.Join(", ", made)}");
        }

        await running.StopOperatorAsync();
        var stopped = await running.WritesAsync();
        await running.StartOperatorAsync(new() { Mode = mode });
        await IdleAsync(running);
        var restarted = await running.WritesAsync();

        // Of what the operator alone sends.
        var repeated = restarted.Where(one => (one.Key.StartsWith("APPLY ", StringComparison.Ordinal) || one.Key.EndsWith("databases", StringComparison.Ordinal) || one.Key.EndsWith("databases/status", StringComparison.Ordinal))
            && !one.Key.StartsWith("GET ", StringComparison.Ordinal) && one.Value != stopped.GetValueOrDefault(one.Key)).ToList();
        Assert.Empty(repeated);
        Assert.Equal(stopped.GetValueOrDefault("GET secrets"), restarted.GetValueOrDefault("GET secrets"));
    }

    private static long Count(string call, IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after) =>
        after.GetValueOrDefault(call) - before.GetValueOrDefault(call);

    private static Task<bool> IdleAsync(OperatorUnderTest running) =>
        Eventually.SeeAsync("an idle operator", _ => Task.FromResult(running.Operator.IsIdle), idle => idle, cancellationToken: Cancelled);
}
