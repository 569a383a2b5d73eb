using System.Text;
using Capstan;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>What becomes of the objects when their template is deleted.</summary>
public sealed class DeletionPolicyTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private readonly OperatorUnderTest _under = shared.Running;

    [Fact]
    public async Task Delete_takes_the_objects_of_all_namespaces_along_even_if_the_policy_no_longer_allows_them()
    {
        var ns = await _under.NamespaceWithPolicyAsync("cleans", Yaml.Allow("cleans, cleans-too", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: cleans-too}}");
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "deletionPolicy: Delete, " + Yaml.Entries(Yaml.ConfigMap("a"), Yaml.ConfigMap("b", ns: "cleans-too"))));
        var completed = await _under.ReportedAsync(ns, "t", "Completed");
        Assert.Equal(["kubetemplater.io/finalizer"], completed.Metadata.Finalizers!);
        await _under.NamespaceWithPolicyAsync(ns, Yaml.Allow(ns, "v1/Secret"));
        await _under.ReportedAsync(ns, "t", "Failed", "not allowed");

        await _under.Client.DeleteAsync<KubeTemplate>(new(ns, "t"));

        await GoneAsync(KubeTemplate.Resource, new(ns, "t"));
        Assert.Equal((false, false), (await IsThereAsync(new(ns, "a")), await IsThereAsync(new("cleans-too", "b"))));
    }

    [Fact]
    public async Task Orphan_leaves_them_and_needs_no_finalizer_and_a_change_to_it_takes_the_finalizer_away()
    {
        var ns = await _under.NamespaceWithPolicyAsync("orphans", Yaml.Allow("orphans", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "deletionPolicy: Delete, " + Yaml.Entries(Yaml.ConfigMap("a"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "deletionPolicy: Orphan, " + Yaml.Entries(Yaml.ConfigMap("a"))));
        var completed = await _under.ReportedAsync(ns, "t", "Completed");
        Assert.True(completed.Metadata.Finalizers is null or { Count: 0 });

        await _under.Client.DeleteAsync<KubeTemplate>(new(ns, "t"));

        await GoneAsync(KubeTemplate.Resource, new(ns, "t"));
        Assert.True(await IsThereAsync(new(ns, "a")));
    }

    [Fact]
    public async Task Deletion_goes_in_reverse_order_names_what_is_stuck_and_survives_a_restart()
    {
        var ns = await _under.NamespaceWithPolicyAsync("stuck", Yaml.Allow("stuck", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "deletionPolicy: Delete, " + Yaml.Entries("id: base, " + Yaml.ConfigMap("base"), "dependsOn: [base], " + Yaml.ConfigMap("top"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        await FinalizersAsync(new(ns, "top"), "\"example.com/hold\"");
        await _under.Client.DeleteAsync<KubeTemplate>(new(ns, "t"));

        var stuck = await _under.ReportedAsync(ns, "t", "Processing", "Deleting: ConfigMap stuck/top is being deleted, held by the finalizers example.com/hold");
        Assert.Equal(["base", "top"], stuck.Status!.Resources!.Select(r => r.Name));
        Assert.Equal("is deleted after ConfigMap stuck/top", stuck.Status.Resources![0].Message);
        Assert.True(await IsThereAsync(new(ns, "base")));

        await _under.StopOperatorAsync();
        await FinalizersAsync(new(ns, "top"), "");
        await _under.StartOperatorAsync();

        await GoneAsync(KubeTemplate.Resource, new(ns, "t"));
        Assert.False(await IsThereAsync(new(ns, "base")));
    }

    [Fact]
    public async Task A_deletion_that_the_server_refuses_is_told_and_tried_again()
    {
        var ns = await _under.NamespaceWithPolicyAsync("refused-deletion", Yaml.Allow("refused-deletion", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "deletionPolicy: Delete, " + Yaml.Entries(Yaml.ConfigMap("a"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        using (_under.Cluster.Faults.Add(Fault.Error(403, "Forbidden", "no deletions today").On("delete", "configmaps")))
        {
            await _under.Client.DeleteAsync<KubeTemplate>(new(ns, "t"));
            var failed = await _under.ReportedAsync(ns, "t", "Failed", "ConfigMap refused-deletion/a cannot be deleted: no deletions today");
            Assert.Equal(("DeleteFailed", ResourceStates.Failed), (failed.Status!.Conditions!.Single(c => c.Type == "Ready").Reason, failed.Status.Resources![0].State));
        }

        await GoneAsync(KubeTemplate.Resource, new(ns, "t"));
        Assert.False(await IsThereAsync(new(ns, "a")));
    }

    [Fact]
    public async Task What_was_made_before_the_operator_could_record_it_is_deleted_too()
    {
        var ns = await _under.NamespaceWithPolicyAsync("unrecorded", Yaml.Allow("unrecorded", "v1/ConfigMap"));
        var fault = _under.Cluster.Faults.Add(Fault.Error(500, "InternalError", "no second status").On("patch", "kubetemplates.kubetemplater.io/status").In(ns).Skip(1));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "deletionPolicy: Delete, " + Yaml.Entries(Yaml.ConfigMap("a"))));
        await Eventually.SeeAsync("the object", _ => IsThereAsync(new(ns, "a")), there => there);
        var recorded = await _under.Client.GetAsync<KubeTemplate>(new(ns, "t"));
        Assert.Equal(("a", null), (Assert.Single(recorded.Status!.Resources!).Name, recorded.Status.Resources![0].Uid));
        await _under.Client.DeleteAsync<KubeTemplate>(new(ns, "t"));

        await GoneAsync(KubeTemplate.Resource, new(ns, "t"));
        fault.Dispose();
        Assert.False(await IsThereAsync(new(ns, "a")));
    }

    private async Task FinalizersAsync(ObjectKey key, string finalizers) =>
        await _under.Client.PatchAsync(_configMaps, key, PatchType.Merge, Encoding.UTF8.GetBytes($$$"""{"metadata":{"finalizers":[{{{finalizers}}}]}}"""));

    private Task GoneAsync(ResourceType type, ObjectKey key) => Eventually.SeeAsync($"{type.Kind} {key} to be gone", _ => IsThereAsync(type, key), there => !there);

    private Task<bool> IsThereAsync(ObjectKey key) => IsThereAsync(_configMaps, key);

    private async Task<bool> IsThereAsync(ResourceType type, ObjectKey key) =>
        (await _under.Client.ListAsync(type, new() { Namespace = key.Namespace, FieldSelector = $"metadata.name={key.Name}" })).Items.Count > 0;
}
