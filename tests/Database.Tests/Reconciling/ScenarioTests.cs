using System.Globalization;
using Capstan;
using Capstan.Applying;
using Capstan.Testing;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Tests.Reconciling;

/// <summary>Scenarios of the course that have no other test, by their number.</summary>
public class ScenarioTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private readonly OperatorUnderTest _running = shared.Running;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scenario20_a_password_that_somebody_writes_into_the_Secret_is_the_password()
    {
        var space = await _running.NamespaceAsync("edited");
        await _running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        await _running.SeenAsync(space, "shop", Phases.Ready);

        await _running.Client.PatchAsync(ChildKinds.Secret, new(space, "shop-credentials"), PatchType.Merge, """{"stringData": {"password": "by-hand", "port": "1"}}"""u8.ToArray(), cancellationToken: Cancelled);

        var secret = await _running.FindAsync(ChildKinds.Secret, space, "shop-credentials", now => Credentials.Value(now, "uri")!.Contains("by-hand", StringComparison.Ordinal));
        Assert.Equal(("by-hand", "5432"), (Credentials.Value(secret, "password"), Credentials.Value(secret, "port")));
    }

    [Fact]
    public async Task Scenario21_of_ten_Databases_only_the_one_that_changed_is_reconciled()
    {
        var space = await _running.NamespaceAsync("ten");
        for (var i = 0; i < 10; i++)
        {
            await _running.Client.CreateAsync(Given.Database($"db-{i}", space), cancellationToken: Cancelled);
        }

        for (var i = 0; i < 10; i++)
        {
            await _running.SeenAsync(space, $"db-{i}", Phases.Ready);
        }

        await Eventually.SeeAsync("an idle operator", _ => Task.FromResult(_running.Operator.IsIdle), idle => idle, cancellationToken: Cancelled);
        var (before, versions) = (await RunsAsync(), await VersionsAsync(space));

        var changed = await _running.ChangeAsync(space, "db-4", """{"environment": "production"}""");

        await _running.SeenAsync(space, "db-4", Phases.Ready, now => now.Status!.ObservedGeneration == changed.Metadata.Generation);
        Assert.InRange(await RunsAsync() - before, 1, 3);
        Assert.Equal(["db-4"], (await VersionsAsync(space)).Except(versions).Select(one => one.Key));
    }

    [Fact]
    public async Task Scenario22_a_Database_whose_objects_cannot_be_deleted_stays_and_says_so_until_they_can()
    {
        var space = await _running.NamespaceAsync("stuck");
        await _running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        await _running.SeenAsync(space, "shop", Phases.Ready);
        using (_running.Cluster.Faults.Add(Fault.Error(403, "Forbidden", "services is forbidden").On("delete", "services").In(space)))
        {
            await _running.Client.DeleteAsync<Database>(new(space, "shop"), cancellationToken: Cancelled);
            var stuck = await Eventually.SeeAsync(
                "CleanupFailed", token => _running.Client.GetAsync<Database>(new(space, "shop"), token), now => Conditions.Find(now.Status!.Conditions, "Ready")!.Reason == "CleanupFailed", cancellationToken: Cancelled);
            Assert.Contains("forbidden", Conditions.Find(stuck.Status!.Conditions, "Ready")!.Message, StringComparison.Ordinal);
        }

        await Eventually.SeeAsync("no Database", token => _running.Client.FindAsync<Database>(new(space, "shop"), token), found => found is null, TimeSpan.FromSeconds(60), Cancelled);
        Assert.Null(await _running.Client.FindAsync(ChildKinds.Service, new(space, "shop"), Cancelled));
    }

    [Fact]
    public async Task Scenario26_of_three_servers_one_may_go_at_a_time()
    {
        var space = await _running.NamespaceAsync("budget");
        await _running.Client.CreateAsync(Given.Database(@namespace: space, replicas: 3), cancellationToken: Cancelled);
        await _running.SeenAsync(space, "shop", Phases.Ready);

        var budget = await _running.FindAsync(ChildKinds.DisruptionBudget, space, "shop", now => (int?)now.ToJson()["status"]?["disruptionsAllowed"] == 1);

        Assert.Equal((2, 3), ((int)budget.ToJson()["status"]!["desiredHealthy"]!, (int)budget.ToJson()["status"]!["expectedPods"]!));
    }

    private async Task<long> RunsAsync() => (await _running.MetricsAsync()).Split('\n')
        .Where(line => line.StartsWith("database_reconcile_total{", StringComparison.Ordinal)).Sum(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    private async Task<Dictionary<string, string?>> VersionsAsync(string space) =>
        (await _running.Client.ListAsync<Database>(new() { Namespace = space }, Cancelled)).Items.ToDictionary(one => one.Metadata.Name!, one => one.Metadata.ResourceVersion);
}
