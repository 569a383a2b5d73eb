using System.Text;
using Capstan.Cluster.Kinds;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Workloads;

/// <summary>Random changes of a Deployment and a StatefulSet while pods fail and vanish by chance: whatever happens, the rules hold at each moment, and all comes to rest as asked for in the end.</summary>
public sealed class ModelTests
{
    private const string Namespace = "model";

    // What happened since a controller looked: it may not know of the last few changes that others made.
    private const int Lag = 20;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(20261122)]
    public async Task Whatever_is_changed_and_whatever_fails_the_rules_hold_and_all_comes_to_rest(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(Manifests, Stop);
        await using var actor = new PodActor(cluster.NewClient("node"));
        await using var history = await PodHistory.BeginAsync(cluster.Client, Namespace, Stop);
        await RestAsync(cluster);

        // Nothing fails in the first part: there nothing but the controllers makes a pod unavailable.
        var before = (await history.ReadAsync(Stop)).Count;
        for (var step = 0; step < 6; step++)
        {
            await ChangeAsync(cluster, random, sizes: false);
            await Task.WhenAny(RestAsync(cluster), Task.Delay(random.Next(300), Stop));
        }

        await RestAsync(cluster);
        var calm = (await history.ReadAsync(Stop)).Skip(before).ToList();
        Assert.All(calm, HoldsLimits);
        for (var step = 0; step < 15; step++)
        {
            if (random.Next(3) == 0)
            {
                await ChangeAsync(cluster, random, sizes: true);
            }
            else
            {
                await HarmAsync(cluster, actor, random);
            }

            await Task.Delay(random.Next(100), Stop);
        }

        await RestAsync(cluster);
        var states = await history.ReadAsync(Stop);
        TestContext.Current.TestOutputHelper?.WriteLine($"{states.Count} states");
        for (var i = 1; i < states.Count; i++)
        {
            HoldsOrder([.. states.Take(i).TakeLast(Lag)], states[i]);
        }
    }

    private static string Manifests => """
        {apiVersion: v1, kind: Namespace, metadata: {name: model}}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: model}
        spec: {replicas: 4, selector: {matchLabels: {app: web}}, strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: "i:1"}]}}}
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db, namespace: model}
        spec: {replicas: 3, serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: "i:1"}]}}}
        """;

    /// <summary>While nothing fails: of the Deployment's 4 pods at most one is missing and at most one too many; of the 3 of the StatefulSet at most one is missing.</summary>
    private static void HoldsLimits(IReadOnlyDictionary<string, Pod> pods)
    {
        var web = pods.Values.Where(static pod => pod.Metadata.Labels!["app"] == "web").ToList();
        Assert.True(web.Count(IsUp) >= 3, Describe(pods));
        Assert.True(web.Count(static pod => pod.IsActive) <= 5, Describe(pods));
        Assert.True(pods.Values.Count(static pod => pod.Metadata.Labels!["app"] == "db" && IsUp(pod)) >= 2, Describe(pods));
    }

    /// <summary>A pod of a StatefulSet is made only when all of lower ordinals are up, as far as its controller can know, and another of its ordinal only when the one before is gone.</summary>
    private static void HoldsOrder(IReadOnlyList<IReadOnlyDictionary<string, Pod>> before, IReadOnlyDictionary<string, Pod> after)
    {
        foreach (var (name, pod) in after.Where(static pod => pod.Value.Metadata.Labels!["app"] == "db"))
        {
            Assert.Equal(name, pod.Metadata.Labels!["statefulset.kubernetes.io/pod-name"]);
            if (before[^1].TryGetValue(name, out var earlier))
            {
                Assert.True(earlier.Metadata.Uid == pod.Metadata.Uid, $"two pods {name}, one after the other without a gap");
                continue;
            }

            var ordinal = int.Parse(name.AsSpan("db-".Length), System.Globalization.CultureInfo.InvariantCulture);
            for (var lower = 0; lower < ordinal; lower++)
            {
                Assert.True(before.Any(state => state.TryGetValue($"db-{lower}", out var other) && IsUp(other)), $"{name} was made while db-{lower} was not up: {Describe(before[^1])}");
            }
        }
    }

    private static bool IsUp(Pod pod) => pod is { IsActive: true, IsReady: true };

    private static string Describe(IReadOnlyDictionary<string, Pod> pods) => string.Join(
        ' ', pods.Values.Select(static pod => $"{pod.Key.Name}:{pod.Status?.Phase}{(pod.IsReady ? "+" : "-")}{(pod.Metadata.DeletionTimestamp is null ? "" : "x")}"));

    private static async Task ChangeAsync(TestCluster cluster, Random random, bool sizes)
    {
        var type = random.Next(2) == 0 ? Deployment.Resource : StatefulSet.Resource;
        var key = new ObjectKey(Namespace, type == Deployment.Resource ? "web" : "db");
        var change = sizes && random.Next(2) == 0
            ? $"{{\"spec\":{{\"replicas\":{random.Next(6)}}}}}"
            : $"{{\"spec\":{{\"template\":{{\"metadata\":{{\"annotations\":{{\"version\":\"{random.Next(4)}\"}}}}}}}}}}";
        TestContext.Current.TestOutputHelper?.WriteLine($"{key} {change}");
        await cluster.Client.PatchAsync(type, key, PatchType.Merge, Encoding.UTF8.GetBytes(change), null, Stop);
    }

    private static async Task HarmAsync(TestCluster cluster, PodActor actor, Random random)
    {
        var pods = actor.Pods.Where(static pod => pod.Key.Namespace == Namespace).ToList();
        if (pods.Count == 0)
        {
            return;
        }

        var pod = pods[random.Next(pods.Count)];
        try
        {
            switch (random.Next(3))
            {
                case 0:
                    TestContext.Current.TestOutputHelper?.WriteLine($"{pod.Key} fails");
                    await PodActor.SetAsync(cluster.Client, pod, "Failed", ready: false, Stop);
                    break;
                case 1:
                    TestContext.Current.TestOutputHelper?.WriteLine($"{pod.Key} is deleted");
                    await cluster.Client.DeleteAsync<Pod>(pod.Key, null, Stop);
                    break;
                default:
                    TestContext.Current.TestOutputHelper?.WriteLine($"{pod.Key} vanishes");
                    await cluster.Client.DeleteAsync<Pod>(pod.Key, new DeleteOptions { GracePeriodSeconds = 0 }, Stop);
                    break;
            }
        }
        catch (ApiException error) when (error.IsNotFound || error.IsConflict || error.IsInvalid)
        {
            // It was about to go anyway.
        }
    }

    private static async Task RestAsync(TestCluster cluster)
    {
        await Eventually.SeeAsync(
            "the Deployment to come to rest", stop => cluster.Client.GetAsync<Deployment>(new(Namespace, "web"), stop),
            static web => web.Status is { } status && status.ObservedGeneration == web.Metadata.Generation && status.UpdatedReplicas == web.Spec.Replicas && status.Replicas == web.Spec.Replicas
                && status.AvailableReplicas == web.Spec.Replicas && status.TerminatingReplicas == 0,
            TimeSpan.FromMinutes(1), Stop);
        await Eventually.SeeAsync(
            "the StatefulSet to come to rest", stop => cluster.Client.GetAsync<StatefulSet>(new(Namespace, "db"), stop),
            static db => db.Status is { } status && status.ObservedGeneration == db.Metadata.Generation && status.UpdatedReplicas == db.Spec.Replicas && status.Replicas == db.Spec.Replicas
                && status.AvailableReplicas == db.Spec.Replicas && status.CurrentRevision == status.UpdateRevision,
            TimeSpan.FromMinutes(1), Stop);
    }
}
