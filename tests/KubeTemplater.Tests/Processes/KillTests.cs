using Capstan;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Processes;

/// <summary>The executable, killed at each step of the pipeline and started again: the end is right, and nothing is applied twice that was right already.</summary>
public sealed class KillTests
{
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private static readonly ResourceType _services = new("", "v1", "Service", "services", true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Entries that depend on each other, so that there is one request at a time.</summary>
    private static string Chain(bool prune = false, int from = 1, int to = 3, string mode = "fast") => $$"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplate
        metadata: {name: chain, namespace: shop}
        spec:
          prune: {{(prune ? "true" : "false")}}
          templates:
        {{string.Join('\n', Enumerable.Range(from, to - from + 1).Select(i =>
            $"  - {{id: e{i}, {(i > from ? $"dependsOn: [e{i - 1}], " : "")}object: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: made-{i}}}, data: {{mode: {mode}}}}}}}"))}}
        """;

    [Theory]
    [InlineData(1, 0)] // before the first apply
    [InlineData(2, 1)] // between two
    [InlineData(3, 2)]
    public async Task Killed_at_an_apply_it_goes_on_there(int nth, int applied)
    {
        await using var under = await OperatorProcesses.PrepareAsync();
        var held = under.Hold("patch", "configmaps", nth);
        var first = under.Start();
        await under.Cluster.InstallAsync(Chain(), Stop);
        await held.ReachedAsync();
        await under.KillAsync(first);
        Assert.Equal(applied, await MadeAsync(under));

        under.Start();
        await under.SeeAsync("chain", Phases.Completed);

        Assert.Equal(3, await MadeAsync(under));
        Assert.Equal((3, 1), (await under.CountAsync("APPLY", "configmaps"), await under.CountAsync("PATCH", "kubetemplates", "status")));
    }

    [Fact]
    public async Task Killed_before_the_status_it_writes_the_status_and_applies_nothing()
    {
        await using var under = await OperatorProcesses.PrepareAsync();
        var held = under.Hold("patch", "kubetemplates.kubetemplater.io/status");
        var first = under.Start();
        await under.Cluster.InstallAsync(Chain(), Stop);
        await held.ReachedAsync();
        await under.KillAsync(first);
        var uids = await UidsAsync(under);
        Assert.Equal(3, uids.Count);

        under.Start();
        var completed = await under.SeeAsync("chain", Phases.Completed);

        Assert.Equal(uids, await UidsAsync(under));
        Assert.Equal(uids.Values.Order(), completed.Status!.Resources!.Select(resource => resource.Uid!).Order());
        Assert.Equal((3, 1), (await under.CountAsync("APPLY", "configmaps"), await under.CountAsync("PATCH", "kubetemplates", "status")));
    }

    [Fact]
    public async Task Killed_while_another_shares_the_templates_its_work_goes_over_and_nothing_is_applied_again()
    {
        await using var under = await OperatorProcesses.PrepareAsync();
        var held = under.Hold("patch", "kubetemplates.kubetemplater.io/status");
        var first = under.Start("--sharding");
        await under.Cluster.InstallAsync(Chain(), Stop);
        await held.ReachedAsync();
        under.Start("--sharding");
        await Eventually.SeeAsync(
            "both to be members",
            ct => under.Client.ListAsync<Capstan.Election.Lease>(new() { Namespace = "kubetemplater-system", LabelSelector = "capstan.internal/shard-group=kubetemplater" }, ct),
            leases => leases.Items.Count == 2,
            TimeSpan.FromMinutes(1),
            Stop);
        await under.KillAsync(first);

        await under.SeeAsync("chain", Phases.Completed);
        Assert.Equal((3, 1), (await under.CountAsync("APPLY", "configmaps"), await under.CountAsync("PATCH", "kubetemplates", "status")));
    }

    [Fact]
    public async Task Killed_while_a_change_is_applied_it_applies_the_rest_of_the_change()
    {
        await using var under = await OperatorProcesses.PrepareAsync();
        var first = under.Start();
        await under.Cluster.InstallAsync(Chain(), Stop);
        await under.SeeAsync("chain", Phases.Completed);
        var held = under.Hold("patch", "configmaps", 2);
        await under.Cluster.InstallAsync(Chain(mode: "slow"), Stop);
        await held.ReachedAsync();
        await under.KillAsync(first);

        under.Start();
        await under.SeeAsync("chain", Phases.Completed);

        foreach (var made in (await under.Client.ListAsync(_configMaps, new() { Namespace = "shop", LabelSelector = "kubetemplater.io/template-name" }, Stop)).Items)
        {
            Assert.Equal("slow", (string)made.ToJson()["data"]!["mode"]!);
        }

        Assert.Equal(6, await under.CountAsync("APPLY", "configmaps"));
    }

    [Fact]
    public async Task Killed_while_it_prunes_it_prunes_the_rest()
    {
        await using var under = await OperatorProcesses.PrepareAsync();
        var first = under.Start();
        await under.Cluster.InstallAsync(Chain(prune: true, to: 4), Stop);
        await under.SeeAsync("chain", Phases.Completed);
        var held = under.Hold("delete", "configmaps", 2);
        await under.Cluster.InstallAsync(Chain(prune: true, to: 1), Stop);
        await held.ReachedAsync();
        await under.KillAsync(first);

        under.Start();
        await under.SeeAsync("chain", Phases.Completed);
        await Eventually.SeeAsync("the rest to be pruned", _ => MadeAsync(under), count => count == 1, cancellationToken: Stop);
        Assert.NotNull(await under.Client.GetAsync(_configMaps, new("shop", "made-1"), Stop));
    }

    [Theory]
    [InlineData("delete", 1)] // the old one is still there
    [InlineData("patch", 2)] // the old one is gone, and the new one is not there yet
    public async Task Killed_while_it_replaces_the_new_object_is_made(string verb, int nth)
    {
        await using var under = await OperatorProcesses.PrepareAsync();
        var first = under.Start();
        await under.Cluster.InstallAsync(Web("127.96.7.10"), Stop);
        await under.SeeAsync("web", Phases.Completed);
        var old = await under.Client.GetAsync(_services, new("shop", "web"), Stop);

        // The first apply that follows is refused, and the second makes the new one.
        var held = under.Hold(verb, "services", nth);
        await under.Cluster.InstallAsync(Web("127.96.7.11"), Stop);
        await held.ReachedAsync();
        await under.KillAsync(first);

        under.Start();
        await under.SeeAsync("web", Phases.Completed);
        var made = await under.Client.GetAsync(_services, new("shop", "web"), Stop);
        Assert.NotEqual(old.Uid, made.Uid);
        Assert.Equal("127.96.7.11", (string)made.ToJson()["spec"]!["clusterIP"]!);
    }

    [Theory]
    [InlineData("patch", "configmaps", 1)]
    [InlineData("patch", "configmaps", 2)]
    [InlineData("patch", "kubetemplates.kubetemplater.io/status", 1)]
    public async Task R4_of_two_replicas_the_other_goes_on_when_the_leader_is_killed(string verb, string resource, int nth)
    {
        await using var under = await OperatorProcesses.PrepareAsync();
        var held = under.Hold(verb, resource, nth);
        var leader = under.Start("--leader-elect");
        await Eventually.SeeAsync("a leader", _ => Task.FromResult(leader.Err), log => log.Contains("Became the leader", StringComparison.Ordinal), TimeSpan.FromMinutes(1), Stop);
        var follower = under.Start("--leader-elect");
        await under.Cluster.InstallAsync(Chain(), Stop);
        await held.ReachedAsync();
        await under.KillAsync(leader);

        await under.SeeAsync("chain", Phases.Completed);
        Assert.Equal(3, await MadeAsync(under));
        Assert.Equal((3, 1), (await under.CountAsync("APPLY", "configmaps"), await under.CountAsync("PATCH", "kubetemplates", "status")));
        follower.Signal(15);
        Assert.Equal(0, await follower.ExitAsync(TimeSpan.FromSeconds(30), Stop));
    }

    [Fact]
    public async Task Told_to_stop_it_finishes_what_it_runs_gives_its_Lease_away_and_ends_with_0()
    {
        await using var under = await OperatorProcesses.PrepareAsync();
        var slow = under.Cluster.Faults.Add(Fault.Delay(TimeSpan.FromSeconds(3)).On("patch", "configmaps").From("kubetemplater").Nth(2));
        var process = under.Start("--leader-elect");
        await under.Cluster.InstallAsync(Chain(), Stop);
        await new Held(slow).ReachedAsync();
        process.Signal(15);
        Assert.Equal(0, await process.ExitAsync(TimeSpan.FromSeconds(40), Stop));

        Assert.Equal(Phases.Completed, (await under.Client.GetAsync<KubeTemplate>(new("shop", "chain"), Stop)).Status?.ProcessingPhase);
        Assert.Equal(3, await MadeAsync(under));
        var lease = await under.Client.GetAsync<Capstan.Election.Lease>(new("kubetemplater-system", KubeTemplaterOperator.LeaseName), Stop);
        Assert.True(string.IsNullOrEmpty(lease.Spec!.HolderIdentity));
    }

    private static string Web(string ip) => $$$"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplate
        metadata: {name: web, namespace: shop}
        spec:
          templates:
          - {replace: true, object: {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {clusterIP: {{{ip}}}, selector: {app: web}, ports: [{port: 80}] } } }
        """;

    private static async Task<int> MadeAsync(OperatorProcesses under) => (await UidsAsync(under)).Count;

    private static async Task<SortedDictionary<string, string>> UidsAsync(OperatorProcesses under) => new(
        (await under.Client.ListAsync(_configMaps, new() { Namespace = "shop", LabelSelector = "kubetemplater.io/template-name" }, Stop)).Items
            .ToDictionary(made => made.Key.Name, made => made.Uid!));
}
