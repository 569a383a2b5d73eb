using System.Text;
using Capstan;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>S5: objects that are made anew because a field of them may not change, and none is lost.</summary>
public sealed class ReplaceTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private readonly OperatorUnderTest _under = shared.Running;

    [Fact]
    public async Task S5_nothing_is_deleted_if_the_new_object_would_be_refused()
    {
        var ns = await MadeAsync("rehearsed");
        using var refusal = _under.Cluster.Faults.Add(Fault.Error(403, "Forbidden", "exceeded quota: tight").On("create", "configmaps").In(ns));
        var before = await UidAsync(ns);

        await _under.Cluster.InstallAsync(Frozen(ns, "v2"));

        await _under.ReportedAsync(ns, "t", "Failed", "not replaced, since the new object would be refused: exceeded quota: tight");
        Assert.Equal(before, await UidAsync(ns));
        Assert.Equal(0, _under.Cluster.Faults.Injected.Count(f => f.ToString().Contains("delete", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_old_object_is_put_back_if_the_new_one_is_refused_all_the_same()
    {
        var ns = await MadeAsync("restored");
        var before = await _under.Client.GetAsync(_configMaps, new(ns, "frozen"));

        // The first apply says that the field may not change, the second comes after the deletion.
        using var refusal = _under.Cluster.Faults.Add(Fault.Error(403, "Forbidden", "no more of these").On("patch", "configmaps").In(ns).Skip(1));
        await _under.Cluster.InstallAsync(Frozen(ns, "v2"));

        var failed = await _under.ReportedAsync(ns, "t", "Failed", "the new object was refused, and the old one is put back: no more of these");
        var after = await _under.Client.GetAsync(_configMaps, new(ns, "frozen"));
        Assert.NotEqual(before.Uid, after.Uid);
        Assert.Equal(before.ToJson()["data"]!.ToJsonString(), after.ToJson()["data"]!.ToJsonString());
        Assert.Equal(before.Labels, after.Labels);
        Assert.Equal(after.Uid, failed.Status!.Resources![0].Uid);
    }

    [Fact]
    public async Task A_deletion_that_finalizers_hold_is_waited_for_without_a_worker()
    {
        var ns = await MadeAsync("held-replacement");
        var before = await UidAsync(ns);
        await _under.Client.PatchAsync(_configMaps, new(ns, "frozen"), PatchType.Merge, Encoding.UTF8.GetBytes("""{"metadata":{"finalizers":["example.com/hold"]}}"""));
        await _under.Cluster.InstallAsync(Frozen(ns, "v2"));

        var waiting = await _under.ReportedAsync(ns, "t", "Processing", "an object of that name is being deleted");
        Assert.Equal(ResourceStates.Blocked, waiting.Status!.Resources![0].State);

        await _under.Client.PatchAsync(_configMaps, new(ns, "frozen"), PatchType.Merge, Encoding.UTF8.GetBytes("""{"metadata":{"finalizers":[]}}"""));

        await _under.ReportedAsync(ns, "t", "Completed");
        Assert.NotEqual(before, await UidAsync(ns));
    }

    private async Task<string> MadeAsync(string name)
    {
        var ns = await _under.NamespaceWithPolicyAsync(name, Yaml.Allow(name, "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Frozen(ns, "v1"));
        await _under.ReportedAsync(ns, "t", "Completed");
        return ns;
    }

    private async Task<string?> UidAsync(string ns) => (await _under.Client.GetAsync(_configMaps, new(ns, "frozen"))).Uid;

    private static string Frozen(string ns, string value) =>
        Yaml.Template(ns, "t", Yaml.Entries($"replace: true, object: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: frozen}}, immutable: true, data: {{x: {value}}}}}"));
}
