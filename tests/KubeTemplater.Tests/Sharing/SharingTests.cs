using Capstan.Election;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Sharing;

/// <summary>Replicas that share the templates: each template has one of them, whoever comes and goes.</summary>
public sealed class SharingTests
{
    private const int Count = 90;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_template_and_its_drift_is_one_replicas_and_a_rolling_restart_writes_nothing()
    {
        await using var replicas = await SharingReplicas.PrepareAsync();
        foreach (var name in (string[])["a", "b", "c"])
        {
            await replicas.StartAsync(name);
        }

        await replicas.SharedByAsync(3);
        var begin = replicas.Here;
        await replicas.PutAsync(0, Count, version: 1);
        await replicas.CompletedAsync(Count);

        // Two applies and a status each, all by one; and each replica has its share.
        var owners = OwnersOf(replicas, begin, Count);
        var shares = owners.Values.CountBy(owner => owner).ToDictionary();
        Assert.Equal(["a", "b", "c"], shares.Keys.Order());
        Assert.All(shares.Values, share => Assert.InRange(share, Count / 9, Count * 2 / 3));

        // Drift is put right by whose the template is, once.
        begin = replicas.Here;
        for (var i = 0; i < 12; i++)
        {
            await replicas.SpoilAsync($"t{i}-a");
        }

        await Eventually.SeeAsync("objects as wanted", replicas.ObjectsAsync, objects => objects.Count == 2 * Count && objects.All(live => (string?)live.ToJson()["data"]!["v"] == "1"), TimeSpan.FromSeconds(60), Stop);
        await Eventually.SeeAsync("statuses", _ => Task.FromResult(replicas.Statuses(begin).Count), count => count == 12, TimeSpan.FromSeconds(60), Stop);
        Assert.All(replicas.Applies(begin), applied => Assert.Equal([owners[TemplateOf(applied.Key)]], applied));

        // The policy tells all templates, whoever counted them.
        var policy = await Eventually.SeeAsync(
            "the policy's status",
            ct => replicas.Cluster.Client.GetAsync<KubeTemplatePolicy>(new(OperatorUnderTest.OperatorNamespace, "shop"), ct),
            found => found.Status is { Active: true, TemplatesUsing: Count, ValidationSuccesses: Count },
            TimeSpan.FromSeconds(60),
            Stop);
        Assert.Equal(0, policy.Status!.ValidationFailures);

        // One after another goes and comes anew. Nobody has anything to write, though each template has another owner in the end.
        begin = replicas.Here;
        foreach (var (old, young) in ((string, string)[])[("a", "d"), ("b", "e"), ("c", "f")])
        {
            await replicas.StartAsync(young);
            await replicas.SharedByAsync(4);
            await replicas.StopAsync(old);
            await replicas.SharedByAsync(3);
        }

        Assert.Equal((0, 0), (replicas.Applies(begin).Count, replicas.Statuses(begin).Count));
        await replicas.PutAsync(0, Count, version: 2);
        await replicas.CompletedAsync(Count);
        Assert.Equal(["d", "e", "f"], OwnersOf(replicas, begin, Count).Values.Distinct().Order());
    }

    [Fact]
    public async Task While_templates_change_and_replicas_come_and_go_each_version_is_applied_once()
    {
        await using var replicas = await SharingReplicas.PrepareAsync();
        await replicas.StartAsync("a");
        await replicas.StartAsync("b");
        await replicas.SharedByAsync(2);
        var begin = replicas.Here;
        var putting = replicas.PutAsync(0, Count, version: 1);
        await replicas.StartAsync("c");
        await putting;
        await replicas.StopAsync("a");
        await replicas.StartAsync("d");
        await replicas.CompletedAsync(Count);
        Assert.Equal(2 * Count, (await replicas.ObjectsAsync(Stop)).Count);

        // A template that moves between its applies and its status is looked at by its next owner, and what is right is not applied again.
        Assert.All(replicas.Applies(begin), applied => Assert.Single(applied));
    }

    [Fact]
    public async Task Who_takes_over_what_was_applied_but_not_reported_looks_and_applies_nothing()
    {
        await using var replicas = await SharingReplicas.PrepareAsync();
        await replicas.StartAsync("a");
        await replicas.StartAsync("b");
        await replicas.SharedByAsync(2);
        replicas.Cluster.Faults.Add(Fault.InternalError().On("patch", "kubetemplates.kubetemplater.io/status").From("replica-a"));
        var begin = replicas.Here;
        await replicas.PutAsync(0, 30, version: 1);
        await Eventually.SeeAsync("all objects", replicas.ObjectsAsync, objects => objects.Count == 60, TimeSpan.FromSeconds(60), Stop);
        await replicas.StopAsync("a");
        await replicas.CompletedAsync(30);
        Assert.Contains(replicas.Applies(begin), applied => applied.Contains("a"));
        Assert.All(replicas.Applies(begin), applied => Assert.False(applied.Contains("a") && applied.Contains("b"), $"{applied.Key} was applied by {string.Join(", ", applied)}"));
    }

    [Fact]
    public async Task A_leader_and_replicas_that_share_wait_for_each_other()
    {
        await using var replicas = await SharingReplicas.PrepareAsync();
        var leader = await replicas.StartAsync("leader", leaderElect: true);
        await Eventually.SeeAsync("a leader", _ => Task.FromResult(leader.IsLeader), leads => leads, TimeSpan.FromSeconds(30), Stop);
        var begin = replicas.Here;
        await replicas.StartAsync("shares");
        await replicas.PutAsync(0, 10, version: 1);
        await replicas.CompletedAsync(10);
        Assert.Equal(["leader"], OwnersOf(replicas, begin, 10).Values.Distinct());

        await replicas.StopAsync("leader");
        begin = replicas.Here;
        await replicas.StartAsync("next", leaderElect: true);
        await replicas.PutAsync(0, 10, version: 2);
        await replicas.CompletedAsync(10);
        var after = OwnersOf(replicas, begin, 10).Values.Distinct().ToList();
        Assert.Single(after);

        await replicas.StopAsync(after[0]);
        begin = replicas.Here;
        await replicas.PutAsync(0, 10, version: 3);
        await replicas.CompletedAsync(10);
        Assert.Equal(((string[])["shares", "next"]).Except(after), OwnersOf(replicas, begin, 10).Values.Distinct());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_leader_and_a_replica_that_shares_do_not_both_work_when_they_start_at_the_same_moment(int late)
    {
        await using var replicas = await SharingReplicas.PrepareAsync();
        await replicas.PutAsync(0, 20, version: 1);
        var begin = replicas.Here;

        // What the one that shares says comes late: its notice (1), or that it is a member (2). It has looked for a leader before.
        replicas.Cluster.Faults.Add(Fault.Delay(TimeSpan.FromSeconds(2)).On("create", "leases.coordination.k8s.io").From("replica-shares").Nth(late));
        await Task.WhenAll(replicas.StartAsync("shares"), replicas.StartAsync("leader", leaderElect: true));
        await replicas.CompletedAsync(20);
        var first = Assert.Single(OwnersOf(replicas, begin, 20).Values.Distinct());

        // The other goes on when that one stops.
        await replicas.StopAsync(first);
        begin = replicas.Here;
        await replicas.PutAsync(0, 20, version: 2);
        await replicas.CompletedAsync(20);
        Assert.Equal([first == "leader" ? "shares" : "leader"], OwnersOf(replicas, begin, 20).Values.Distinct());
    }

    [Fact]
    public async Task A_notice_of_sharing_is_taken_back_once_the_replica_is_a_member()
    {
        await using var replicas = await SharingReplicas.PrepareAsync();
        await replicas.StartAsync("a");
        await replicas.SharedByAsync(1);
        await Eventually.SeeAsync(
            "Leases",
            async ct => string.Join(", ", (await replicas.Cluster.Client.ListAsync<Lease>(new() { Namespace = OperatorUnderTest.OperatorNamespace }, ct)).Items.Select(lease => lease.Metadata.Name)),
            names => names.Length > 0 && !names.Contains("kubetemplater-sharing-", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60),
            Stop);
    }

    /// <summary>Who applied each template; once, and nobody else had a part in it.</summary>
    private static Dictionary<string, string> OwnersOf(SharingReplicas replicas, int since, int templates)
    {
        var applies = replicas.Applies(since);
        Assert.Equal(2 * templates, applies.Count);
        Assert.All(applies, applied => Assert.Single(applied));
        var owners = replicas.Statuses(since).ToDictionary(status => status.Key, status => Assert.Single(status.Distinct()));
        Assert.All(applies, applied => Assert.Equal(owners[TemplateOf(applied.Key)], applied.Single()));
        return owners;
    }

    private static string TemplateOf(string configMap) => configMap[..configMap.LastIndexOf('-')];
}
