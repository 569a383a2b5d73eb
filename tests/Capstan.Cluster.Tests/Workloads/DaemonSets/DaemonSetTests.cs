using Capstan.Cluster.Kinds;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Workloads.DaemonSets;

public sealed class DaemonSetTests(WorkloadCluster shared) : IClassFixture<WorkloadCluster>
{
    private static readonly ResourceType Nodes = new("", "v1", "Node", "nodes", Namespaced: false);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_node_that_the_template_selects_has_one_pod_and_no_other_node_has()
    {
        var key = new ObjectKey("select", "agent");
        await using var actor = new PodActor(shared.Cluster.NewClient("node"));
        await NodesAsync("select", "a", "b", "c");
        await InstallAsync(key, "", "nodeSelector: {select: wanted}");
        await SeeAsync(key, set => set.Status is { ObservedGeneration: 1, DesiredNumberScheduled: 0, CurrentNumberScheduled: 0 });
        await LabelAsync("select-a", "\"wanted\"");
        await LabelAsync("select-b", "\"wanted\"");
        await SeeAsync(key, set => set.Status is { DesiredNumberScheduled: 2, CurrentNumberScheduled: 2, NumberReady: 2, NumberAvailable: 2, UpdatedNumberScheduled: 2, NumberUnavailable: 0, NumberMisscheduled: 0 });
        var pods = await PodsAsync(key);
        Assert.Equal(["select-a", "select-b"], pods.Select(static pod => pod.Spec.NodeName).Order(StringComparer.Ordinal));
        var revision = Assert.Single(await RevisionsAsync(key));
        Assert.All(pods, pod => Assert.Equal(($"agent-{pod.Metadata.Labels!["controller-revision-hash"]}", "1"), (revision.Key.Name, pod.Metadata.Labels["pod-template-generation"])));
        Assert.Contains("node.kubernetes.io/not-ready", pods[0].Spec.UnknownFields!["tolerations"].GetRawText(), StringComparison.Ordinal);
        await LabelAsync("select-b", "null");
        await SeeAsync(key, set => set.Status is { DesiredNumberScheduled: 1, CurrentNumberScheduled: 1, NumberMisscheduled: 0 });
        Assert.Equal("select-a", Assert.Single(await PodsAsync(key)).Spec.NodeName);

        // What is lost is made again, and what failed too.
        var first = (await PodsAsync(key))[0];
        await PodActor.SetAsync(shared.Client, first, "Failed", ready: false, Stop);
        await shared.SeeAsync<Pod>("another pod", key.Namespace, found => found is [{ IsReady: true } one] && one.Metadata.Uid != first.Metadata.Uid, Stop);
        await shared.SeeEventsAsync(key, told => told.Contains($"FailedDaemonPod: Found failed daemon pod select/{first.Key.Name} on node select-a, will try to kill it"), Stop);
    }

    [Fact]
    public async Task A_new_template_replaces_pods_one_after_the_other_and_the_way_back_takes_the_revision_of_then()
    {
        var key = new ObjectKey("roll", "agent");
        await using var actor = new PodActor(shared.Cluster.NewClient("node"));
        await NodesAsync("roll", "a", "b", "c");
        foreach (var node in (string[])["roll-a", "roll-b", "roll-c"])
        {
            await LabelAsync(node, "\"wanted\"");
        }

        await InstallAsync(key, "revisionHistoryLimit: 5,", "nodeSelector: {select: wanted}");
        await SeeAsync(key, set => set.Status is { NumberAvailable: 3 });
        var first = (await RevisionsAsync(key)).Single().Key.Name;
        await using var history = await PodHistory.BeginAsync(shared.Client, key.Namespace, Stop);
        await shared.PatchAsync<DaemonSet>(key, """{"spec":{"template":{"metadata":{"annotations":{"version":"2"}}}}}""", Stop);
        await SeeAsync(key, set => set.Status is { ObservedGeneration: 2, UpdatedNumberScheduled: 3, NumberAvailable: 3 });
        foreach (var state in await history.ReadAsync(Stop))
        {
            Assert.True(state.Values.Count(static pod => pod is { IsReady: true, IsActive: true }) >= 2, string.Join(' ', state.Keys));
        }

        Assert.Equal(2, (await RevisionsAsync(key)).Count);
        await shared.PatchAsync<DaemonSet>(key, """{"spec":{"template":{"metadata":{"annotations":{"version":null}}}}}""", Stop);
        await SeeAsync(key, set => set.Status is { ObservedGeneration: 3, UpdatedNumberScheduled: 3, NumberAvailable: 3 });
        Assert.Equal([2L, 3L], (await RevisionsAsync(key)).Select(static one => one.Revision).Order());
        Assert.Equal(3, (await RevisionsAsync(key)).Single(one => one.Key.Name == first).Revision);
    }

    private static string Label(string node) => node.Split('-')[0];

    private async Task NodesAsync(string prefix, params string[] names)
    {
        foreach (var name in names)
        {
            await shared.Cluster.InstallAsync($"{{apiVersion: v1, kind: Node, metadata: {{name: {prefix}-{name}}}}}", Stop);
            await shared.Client.PatchAsync(Nodes, ObjectKey.ClusterScoped($"{prefix}-{name}"), PatchType.Merge, """{"spec":{"taints":null}}"""u8.ToArray(), cancellationToken: Stop);
        }
    }

    private Task LabelAsync(string node, string value) => shared.Client.PatchAsync(
        Nodes, ObjectKey.ClusterScoped(node), PatchType.Merge, System.Text.Encoding.UTF8.GetBytes($"{{\"metadata\":{{\"labels\":{{\"{Label(node)}\":{value}}}}}}}"), cancellationToken: Stop);

    private Task InstallAsync(ObjectKey key, string spec, string pod) => shared.Cluster.InstallAsync(
        $$"""
        {apiVersion: v1, kind: Namespace, metadata: {name: {{key.Namespace}} } }
        ---
        {apiVersion: apps/v1, kind: DaemonSet, metadata: {name: {{key.Name}}, namespace: {{key.Namespace}} }, spec: { {{spec}} selector: {matchLabels: {app: a} },
          template: {metadata: {labels: {app: a} }, spec: { {{pod.Replace("select:", key.Namespace + ":", StringComparison.Ordinal)}}, containers: [{name: c, image: 'i:1'}] } } } }
        """,
        Stop);

    private Task<DaemonSet> SeeAsync(ObjectKey key, Func<DaemonSet, bool> holds) =>
        Eventually.SeeAsync($"DaemonSet {key}", stop => shared.Client.GetAsync<DaemonSet>(key, stop), holds, TimeSpan.FromMinutes(1), Stop);

    private async Task<IReadOnlyList<Pod>> PodsAsync(ObjectKey key) => (await shared.Client.ListAsync<Pod>(new ListOptions { Namespace = key.Namespace }, Stop)).Items;

    private async Task<IReadOnlyList<ControllerRevision>> RevisionsAsync(ObjectKey key) => (await shared.Client.ListAsync<ControllerRevision>(new ListOptions { Namespace = key.Namespace }, Stop)).Items;
}
