using System.Text;
using Capstan.Cluster.Kinds;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Workloads;

/// <summary>Watches that lag, answers that are lost, writes that somebody else was quicker with: nothing is made twice, and all comes to what was asked for.</summary>
public sealed class FaultTests
{
    private const string Controllers = "capstan-testing";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_watch_of_pods_lags_no_pod_is_made_or_deleted_twice()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        var user = cluster.NewClient("user");
        await cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: lag}}", Stop);
        await using var history = await PodHistory.BeginAsync(cluster.NewClient("history"), "lag", Stop);
        cluster.Faults.Add(Fault.Stale(20).On("watch", "pods").From(Controllers));
        cluster.Faults.DropWatches("pods");
        await user.CreateAsync(Set(), cancellationToken: Stop);
        await PodsAsync(user, 30);
        await user.PatchAsync(ReplicaSet.Resource, new("lag", "web"), PatchType.Merge, Encoding.UTF8.GetBytes("""{"spec":{"replicas":5}}"""), null, Stop);
        await PodsAsync(user, 5);
        cluster.Faults.Clear();
        cluster.Faults.DropWatches("pods");
        await Eventually.SeeAsync("its status", stop => user.GetAsync<ReplicaSet>(new("lag", "web"), stop), static set => set.Status is { Replicas: 5, ObservedGeneration: 2 }, TimeSpan.FromMinutes(1), Stop);
        var states = await history.ReadAsync(Stop);
        Assert.Equal(30, states.SelectMany(static pods => pods.Keys).Distinct().Count());
        Assert.Equal(5, states[^1].Count);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1122)]
    public async Task While_answers_are_lost_and_writes_refused_all_comes_to_rest_as_asked_for(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { FaultSeed = seed }, Stop);
        var user = cluster.NewClient("user");
        await using var actor = new PodActor(cluster.NewClient("node"));
        foreach (var resource in new[] { "pods", "replicasets", "deployments", "statefulsets", "controllerrevisions", "persistentvolumeclaims" })
        {
            cluster.Faults.Add(Fault.Reset().On("create,update,patch,delete", resource).From(Controllers).WithProbability(0.1));
            cluster.Faults.Add(Fault.Conflict().On("update,patch", resource).From(Controllers).WithProbability(0.1));
            cluster.Faults.Add(Fault.InternalError().On("create,update,patch,delete", resource).From(Controllers).WithProbability(0.1));
        }

        await user.CreateAsync(Deployment.Resource, Read("""{"metadata":{"name":"web","namespace":"default"},"spec":{"replicas":4,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}}}"""), cancellationToken: Stop);
        await user.CreateAsync(StatefulSet.Resource, Read("""
            {"metadata":{"name":"db","namespace":"default"},"spec":{"replicas":3,"serviceName":"db","selector":{"matchLabels":{"app":"db"}},"template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}},
            "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}}
            """), cancellationToken: Stop);
        await RestAsync(user);
        foreach (var (type, name) in new[] { (Deployment.Resource, "web"), (StatefulSet.Resource, "db") })
        {
            await user.PatchAsync(type, new("default", name), PatchType.Merge, Encoding.UTF8.GetBytes("""{"spec":{"template":{"metadata":{"annotations":{"version":"2"}}}}}"""), null, Stop);
        }

        await RestAsync(user);
        TestContext.Current.TestOutputHelper?.WriteLine($"{cluster.Faults.Injected.Count} faults");
        Assert.NotEmpty(cluster.Faults.Injected);
        Assert.Equal(7, (await user.ListAsync<Pod>(new ListOptions { Namespace = "default" }, Stop)).Items.Count(static pod => pod.IsActive));
        Assert.Equal(2, (await user.ListAsync<ReplicaSet>(new ListOptions { Namespace = "default" }, Stop)).Items.Count);
        Assert.Equal(2, (await user.ListAsync<ControllerRevision>(new ListOptions { Namespace = "default" }, Stop)).Items.Count);
    }

    private static DynamicObject Read(string json) => DynamicObject.Parse(Encoding.UTF8.GetBytes(json));

    private static ReplicaSet Set() => Read(
        """{"metadata":{"name":"web","namespace":"lag"},"spec":{"replicas":30,"selector":{"matchLabels":{"app":"w"}},"template":{"metadata":{"labels":{"app":"w"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}}}""").To<ReplicaSet>();

    private static Task PodsAsync(KubeClient client, int count) => Eventually.SeeAsync(
        $"{count} pods", async stop => (await client.ListAsync<Pod>(new ListOptions { Namespace = "lag" }, stop)).Items, pods => pods.Count == count, TimeSpan.FromMinutes(1), Stop);

    private static async Task RestAsync(KubeClient client)
    {
        await Eventually.SeeAsync(
            "the Deployment to come to rest", stop => client.GetAsync<Deployment>(new("default", "web"), stop),
            static web => web.Status is { UpdatedReplicas: 4, Replicas: 4, AvailableReplicas: 4 } status && status.ObservedGeneration == web.Metadata.Generation, TimeSpan.FromMinutes(1), Stop);
        await Eventually.SeeAsync(
            "the StatefulSet to come to rest", stop => client.GetAsync<StatefulSet>(new("default", "db"), stop),
            static db => db.Status is { UpdatedReplicas: 3, Replicas: 3, AvailableReplicas: 3 } status && status.ObservedGeneration == db.Metadata.Generation && status.CurrentRevision == status.UpdateRevision,
            TimeSpan.FromMinutes(1), Stop);
    }
}
