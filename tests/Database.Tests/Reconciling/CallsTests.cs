using Capstan.Testing;
using Databases.Resources;

namespace Databases.Tests.Reconciling;

/// <summary>What the operator costs the API server.</summary>
public class CallsTests
{
    /// <summary>Requests for one Database of one server until it is Ready: a look whether each name is taken, a look for volumes that were kept, and what is written.</summary>
    private static readonly Dictionary<string, int> _each = new()
    {
        ["get configmaps"] = 1, ["get secrets"] = 2, ["get services"] = 3, ["get statefulsets.apps"] = 1, ["list persistentvolumeclaims"] = 1,
        ["patch configmaps"] = 1, ["patch secrets"] = 2, ["patch services"] = 3, ["patch statefulsets.apps"] = 1,
        ["patch databases.database.example.com"] = 1, ["patch databases.database.example.com/status"] = 3,
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ReconcileMode.Single, 50)]
    [InlineData(ReconcileMode.Batch, 20)]
    [InlineData(ReconcileMode.Parallel, 50)]
    public async Task Calls_are_counted_for_each_Database_and_none_is_repeated_after_a_restart(ReconcileMode mode, int databases)
    {
        await using var running = await OperatorUnderTest.StartAsync(new() { Mode = mode, MaxConcurrentReconciles = 4 });
        await IdleAsync(running);

        // A fault that does nothing notes each request of the operator's.
        var faults = running.Cluster.Faults;
        faults.Add(Fault.Delay(TimeSpan.Zero).From("database-operator"));
        for (var i = 0; i < databases; i++)
        {
            await running.Client.CreateAsync(Given.Database($"db-{i}"), cancellationToken: Cancelled);
        }

        for (var i = 0; i < databases; i++)
        {
            await running.SeenAsync("default", $"db-{i}", Phases.Ready);
        }

        await IdleAsync(running);
        Assert.Equal(
            _each.Select(call => $"{call.Key}: {call.Value * databases}").Order(StringComparer.Ordinal),
            Sent(faults.Injected).GroupBy(call => call).Select(call => $"{call.Key}: {call.Count()}").Order(StringComparer.Ordinal));

        await running.StopOperatorAsync();
        var before = faults.Injected.Count;
        await running.StartOperatorAsync(new() { Mode = mode });
        await IdleAsync(running);

        // Lists and watches alone.
        Assert.DoesNotContain(faults.Injected.Skip(before), call => call.Verb is not ("list" or "watch"));
    }

    /// <summary>What was sent for objects; Events come behind, as many as have been written by then.</summary>
    private static IEnumerable<string> Sent(IEnumerable<InjectedFault> calls) =>
        calls.Where(call => call.Verb != "watch" && !call.Resource.StartsWith("events", StringComparison.Ordinal)).Select(call => $"{call.Verb} {call.Resource}");

    private static Task<bool> IdleAsync(OperatorUnderTest running) =>
        Eventually.SeeAsync("an idle operator", _ => Task.FromResult(running.Operator.IsIdle), idle => idle, cancellationToken: Cancelled);
}
