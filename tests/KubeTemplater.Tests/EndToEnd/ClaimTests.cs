using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>S7: two templates that name one object do not fight.</summary>
public sealed class ClaimTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private readonly OperatorUnderTest _under = shared.Running;

    [Fact]
    public async Task S7_the_younger_fails_with_the_name_of_the_older_before_it_writes_and_runs_by_itself_when_the_older_is_deleted()
    {
        var ns = await _under.NamespaceWithPolicyAsync("claimed", Yaml.Allow("claimed", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "a-elder", Yaml.Entries(Yaml.ConfigMap("shared", "elder"))));
        await _under.ReportedAsync(ns, "a-elder", "Completed");
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "younger", Yaml.Entries(Yaml.ConfigMap("alone"), Yaml.ConfigMap("shared", "younger"))));

        var failed = await _under.ReportedAsync(ns, "younger", "Failed");
        Assert.Equal("Error: template[1] ConfigMap claimed/shared: KubeTemplate claimed/a-elder names it too, and is older", failed.Status!.Status);
        Assert.Equal("ClaimedByAnother", failed.Status.Conditions!.Single(c => c.Type == "Ready").Reason);
        Assert.Equal([ResourceStates.Blocked, ResourceStates.Failed], failed.Status.Resources!.Select(r => r.State));
        Assert.Equal(("elder", false), (await SharedAsync(ns), await HasAsync(ns, "alone")));

        await _under.Client.DeleteAsync<KubeTemplate>(new(ns, "a-elder"));

        await _under.ReportedAsync(ns, "younger", "Completed");
        Assert.Equal("younger", await SharedAsync(ns));
    }

    [Fact]
    public async Task The_younger_runs_when_the_older_no_longer_names_the_object()
    {
        var ns = await _under.NamespaceWithPolicyAsync("let-go", Yaml.Allow("let-go", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "a-elder", Yaml.Entries(Yaml.ConfigMap("shared", "elder"))));
        await _under.ReportedAsync(ns, "a-elder", "Completed");
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "younger", Yaml.Entries(Yaml.ConfigMap("shared", "younger"))));
        await _under.ReportedAsync(ns, "younger", "Failed", "a-elder");

        await _under.Cluster.InstallAsync(Yaml.Template(ns, "a-elder", Yaml.Entries(Yaml.ConfigMap("other"))));

        await _under.ReportedAsync(ns, "younger", "Completed");
        Assert.Equal("younger", await SharedAsync(ns));
    }

    [Fact]
    public async Task Only_templates_that_name_the_same_object_concern_each_other_whatever_has_its_name_elsewhere()
    {
        await using var cluster = await Capstan.Testing.TestCluster.StartAsync(new() { Controllers = false });
        foreach (var crd in Manifests.CustomResourceDefinitions)
        {
            await cluster.InstallAsync(crd);
        }

        await cluster.Client.Discovery.ListAsync(TestContext.Current.CancellationToken);
        var informer = new Capstan.Caching.Informer(cluster.Client, KubeTemplate.Resource);
        var claims = new KubeTemplater.Applying.ClaimBook(informer, null!, cluster.Client.Discovery);
        foreach (var (ns, name) in new[] { ("first", "one"), ("second", "two"), ("second", "three") })
        {
            await cluster.InstallAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {ns}}}}}");
            await cluster.InstallAsync(Yaml.Template(ns, name, Yaml.Entries(Yaml.ConfigMap("settings"))));
        }

        using var stop = new CancellationTokenSource();
        var running = informer.RunAsync(stop.Token);
        await informer.WaitForSyncAsync(TestContext.Current.CancellationToken);
        var (one, two) = (informer.Cache.Get(new("first", "one")), informer.Cache.Get(new("second", "two")));

        Assert.Equal([], claims.Concerned(null, one));
        Assert.Equal([new("second", "three")], claims.Concerned(null, two));
        Assert.Equal([new("second", "three")], claims.Concerned(two, null));
        await stop.CancelAsync();
        await Task.WhenAny(running);
    }

    [Fact]
    public async Task An_object_of_the_same_name_in_another_namespace_is_another_object()
    {
        var one = await _under.NamespaceWithPolicyAsync("claims-one", Yaml.Allow("claims-one", "v1/ConfigMap"));
        var two = await _under.NamespaceWithPolicyAsync("claims-two", Yaml.Allow("claims-two", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(one, "t", Yaml.Entries(Yaml.ConfigMap("shared", "one"))));
        await _under.Cluster.InstallAsync(Yaml.Template(two, "t", Yaml.Entries(Yaml.ConfigMap("shared", "two"))));

        await _under.ReportedAsync(one, "t", "Completed");
        await _under.ReportedAsync(two, "t", "Completed");
        Assert.Equal(("one", "two"), (await SharedAsync(one), await SharedAsync(two)));
    }

    [Fact]
    public async Task A_template_keeps_nobody_from_an_object_that_its_policy_does_not_allow_it()
    {
        var victim = await _under.NamespaceWithPolicyAsync("victim", Yaml.Allow("victim", "v1/ConfigMap"));
        var squatter = await _under.NamespaceWithPolicyAsync("squatter", Yaml.Allow("squatter", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(squatter, "a-first", Yaml.Entries(Yaml.ConfigMap("shared", "stolen", victim))));
        await _under.ReportedAsync(squatter, "a-first", "Failed", "not in the allowed target namespaces");

        await _under.Cluster.InstallAsync(Yaml.Template(victim, "second", Yaml.Entries(Yaml.ConfigMap("shared", "own"))));

        await _under.ReportedAsync(victim, "second", "Completed");
        Assert.Equal("own", await SharedAsync(victim));
    }

    [Fact]
    public async Task One_object_named_twice_in_a_template_is_refused()
    {
        var ns = await _under.NamespaceWithPolicyAsync("twice", Yaml.Allow("twice", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Yaml.ConfigMap("a"), Yaml.ConfigMap("a", ns: ns))));

        var failed = await _under.ReportedAsync(ns, "t", "Failed");
        Assert.Equal("InvalidTemplate", failed.Status!.Conditions!.Single(c => c.Type == "Ready").Reason);
        Assert.Contains("template[0], template[1]: the same object, ConfigMap twice/a", failed.Status.Status, StringComparison.Ordinal);
        Assert.False(await HasAsync(ns, "a"));
    }

    private async Task<string?> SharedAsync(string ns) => (string?)(await _under.Client.GetAsync(_configMaps, new(ns, "shared"))).ToJson()["data"]!["x"];

    private async Task<bool> HasAsync(string ns, string name) =>
        (await _under.Client.ListAsync(_configMaps, new() { Namespace = ns, FieldSelector = $"metadata.name={name}" })).Items.Count > 0;
}
