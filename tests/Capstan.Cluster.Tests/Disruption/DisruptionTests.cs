using Capstan.Cluster.Disruption;
using Capstan.Cluster.Kinds;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Disruption;

public sealed class DisruptionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 5, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("2", null, 4, 4, 4, 2, 2)]
    [InlineData("50%", null, 3, 5, 5, 3, 0)]
    [InlineData(null, "50%", 2, 3, 3, 1, 1)]
    [InlineData(null, "1", 3, 3, 3, 2, 1)]
    [InlineData(null, "5", 2, 3, 3, 0, 2)]
    [InlineData("100%", null, 3, 3, 3, 3, 0)]
    [InlineData("0", null, 0, 0, 0, 0, 0)]
    public void What_may_go_follows_from_what_there_is_and_should_be(string? least, string? most, int ready, int scale, int expected, int desired, int allowed)
    {
        var (status, _) = BudgetMath.Status(Budget(least, most), Pods(ready, scale - ready), scale, Now, _ => { });
        Assert.Equal((expected, ready, desired, allowed), (status.ExpectedPods, status.CurrentHealthy, status.DesiredHealthy, status.DisruptionsAllowed));
        Assert.Equal(allowed > 0 ? "SufficientPods" : "InsufficientPods", status.Conditions!.Single().Reason);
    }

    [Fact]
    public void A_pod_that_was_let_go_counts_no_more_until_it_should_be_gone()
    {
        var pods = Pods(3, 0);
        var budget = Budget("2", null) with { Status = new() { DisruptedPods = new() { ["p0"] = KubeTime.Format(Now), ["gone"] = KubeTime.Format(Now) } } };
        var (status, recheck) = BudgetMath.Status(budget, pods, 3, Now, _ => { });
        Assert.Equal((2, 0, Now.AddMinutes(2)), (status.CurrentHealthy, status.DisruptionsAllowed, recheck));
        Assert.Equal(["p0"], status.DisruptedPods!.Keys);
        var overdue = new List<string>();
        (status, recheck) = BudgetMath.Status(budget, pods, 3, Now.AddMinutes(3), pod => overdue.Add(pod.Metadata.Name!));
        Assert.Equal((3, 1, null), (status.CurrentHealthy, status.DisruptionsAllowed, recheck));
        Assert.Equal(["p0"], overdue);
    }

    [Fact]
    public async Task Evictions_happen_one_after_the_other_as_the_budget_allows()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(
            """
            {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: most}, spec: {maxUnavailable: 1, selector: {matchLabels: {app: x}}}}
            ---
            apiVersion: apps/v1
            kind: ReplicaSet
            metadata: {name: x}
            spec: {replicas: 3, selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, image: "a:1"}]}}}
            """,
            Stop);
        var pods = await Eventually.SeeAsync("three pods", stop => PodsAsync(cluster, stop), pods => pods.Count == 3, cancellationToken: Stop);
        await BudgetAsync(cluster, status => status is { ExpectedPods: 3, DesiredHealthy: 2, CurrentHealthy: 0 });
        await ReadyAsync(cluster, pods);
        await BudgetAsync(cluster, status => status is { CurrentHealthy: 3, DisruptionsAllowed: 1 });

        // As a drain: all at once, and only one goes.
        var answers = await Task.WhenAll(pods.Select(async pod =>
        {
            try
            {
                await cluster.Client.EvictAsync(pod.Key, cancellationToken: Stop);
                return "gone";
            }
            catch (ApiException error) when (error.IsTooManyRequests)
            {
                return "wait";
            }
        }));
        Assert.Equal(["gone", "wait", "wait"], answers.Order(StringComparer.Ordinal));

        // Another pod takes its place, and when that is ready the next one may go.
        var refused = pods[Array.IndexOf(answers, "wait")];
        var now = await Eventually.SeeAsync("three pods again", stop => PodsAsync(cluster, stop), all => all.Count == 3 && all.All(pod => pod.Metadata.DeletionTimestamp is null), cancellationToken: Stop);
        await BudgetAsync(cluster, status => status is { CurrentHealthy: 2, DisruptionsAllowed: 0 });
        await Assert.ThrowsAsync<ApiException>(() => cluster.Client.EvictAsync(refused.Key, cancellationToken: Stop));
        await ReadyAsync(cluster, now);
        await BudgetAsync(cluster, status => status is { CurrentHealthy: 3, DisruptionsAllowed: 1, DisruptedPods: null });
        await cluster.Client.EvictAsync(refused.Key, cancellationToken: Stop);
    }

    private static async Task ReadyAsync(TestCluster cluster, IEnumerable<Pod> pods)
    {
        foreach (var pod in pods)
        {
            await cluster.Client.PatchStatusAsync<Pod>(pod.Key, """{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"""u8.ToArray(), cancellationToken: Stop);
        }
    }

    private static async Task<List<Pod>> PodsAsync(TestCluster cluster, CancellationToken stop) =>
        [.. (await cluster.Client.ListAsync<Pod>(new ListOptions { Namespace = "default", LabelSelector = "app=x" }, stop)).Items];

    private static Task BudgetAsync(TestCluster cluster, Func<PodDisruptionBudgetStatus, bool> holds) => Eventually.SeeAsync(
        "the budget", async stop => (await cluster.Client.GetAsync<PodDisruptionBudget>(new("default", "most"), stop)).Status, status => status is not null && holds(status), cancellationToken: Stop);

    private static PodDisruptionBudget Budget(string? least, string? most) => new()
    {
        Metadata = new() { Name = "b", Generation = 1 }, Spec = new() { MinAvailable = Read(least), MaxUnavailable = Read(most) },
    };

    private static IntOrString? Read(string? text) => text is null ? null : int.TryParse(text, out var number) ? new(number) : new(text);

    private static List<Pod> Pods(int ready, int others) =>
        [.. Enumerable.Range(0, ready + others).Select(i => new Pod { Metadata = new() { Name = $"p{i}" }, Status = new() { Conditions = [new() { Type = "Ready", Status = i < ready ? "True" : "False" }] } })];
}
