using System.Text;
using Capstan;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Drift;

/// <summary>What becomes of drift where the operator may not watch, and where somebody never gives up.</summary>
public sealed class UnwatchedKindTests
{
    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", true);

    [Fact]
    public async Task Objects_of_a_kind_that_may_not_be_watched_are_read_from_time_to_time()
    {
        await using var under = await OperatorUnderTest.StartAsync();
        await under.StopOperatorAsync();
        under.Cluster.Faults.Add(Fault.Error(403, StatusReasons.Forbidden, "no watching here").On("list,watch", "configmaps").From("kubetemplater"));
        await under.StartOperatorAsync(new() { PeriodicReconcileInterval = TimeSpan.FromMilliseconds(500) });
        await GivenAsync(under, "unwatched");
        var before = await under.Client.GetAsync(ConfigMaps, new("unwatched", "settings"), TestContext.Current.CancellationToken);

        await under.Client.DeleteAsync(ConfigMaps, before.Key, cancellationToken: TestContext.Current.CancellationToken);
        await DriftedAsync(under, "unwatched", 1);
        await PatchAsync(under, "unwatched", "slow");
        await DriftedAsync(under, "unwatched", 2);

        var after = await under.Client.GetAsync(ConfigMaps, before.Key, TestContext.Current.CancellationToken);
        Assert.NotEqual(before.Uid, after.Uid);
        Assert.Contains("fast", Encoding.UTF8.GetString(after.Json.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_never_gives_up_is_named_in_a_condition()
    {
        await using var under = await OperatorUnderTest.StartAsync();
        await GivenAsync(under, "fight");
        for (var i = 1; i <= KubeTemplater.Drift.Flapping.AtOnce + 1; i++)
        {
            await PatchAsync(under, "fight", $"slow{i}");
            await DriftedAsync(under, "fight", i);
        }

        var template = await under.Client.GetAsync<KubeTemplate>(new("fight", "t"), TestContext.Current.CancellationToken);
        var condition = Assert.Single(template.Status!.Conditions!, c => c.Type == "Flapping");
        Assert.Equal(("True", "ConfigMap fight/settings was changed by somebody and put right again and again (6 times)"), (condition.Status, condition.Message));

        await PatchAsync(under, "fight", "again");
        await DriftedAsync(under, "fight", 7);
    }

    private static async Task GivenAsync(OperatorUnderTest under, string ns)
    {
        await under.NamespaceWithPolicyAsync(ns, $$"""[{kind: ConfigMap, group: "", version: v1, targetNamespaces: [{{ns}}]}]""");
        await under.Cluster.InstallAsync($$$$"""
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata: {name: t, namespace: {{{{ns}}}}}
            spec: {templates: [{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast}}}]}
            """);
        await under.ReportedAsync(ns, "t", Phases.Completed);
    }

    private static Task<DynamicObject> PatchAsync(OperatorUnderTest under, string ns, string mode) => under.Client.PatchAsync(
        ConfigMaps, new(ns, "settings"), PatchType.Merge, Encoding.UTF8.GetBytes("{\"data\":{\"mode\":\"" + mode + "\"}}"), new() { FieldManager = "somebody" },
        TestContext.Current.CancellationToken);

    private static Task<KubeTemplate> DriftedAsync(OperatorUnderTest under, string ns, int times) => Eventually.SeeAsync(
        $"{times} corrections in {ns}", ct => under.Client.GetAsync<KubeTemplate>(new(ns, "t"), ct), template => template.Status?.DriftDetectionCount == times);
}
