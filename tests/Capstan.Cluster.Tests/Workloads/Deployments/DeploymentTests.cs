using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Tests.Workloads.Deployments;

public sealed class DeploymentTests(WorkloadCluster shared) : IClassFixture<WorkloadCluster>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rollout_keeps_to_its_limits_leaves_the_old_set_for_the_way_back_and_tells_how_far_it_is()
    {
        var key = new ObjectKey("rollout", "web");
        await using var actor = new PodActor(shared.Cluster.NewClient("node"));
        await InstallAsync(key, "replicas: 4, strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}");
        var first = await CompleteAsync(key);
        Assert.Equal("1", first.Metadata.Annotations!["deployment.kubernetes.io/revision"]);
        await using var history = await PodHistory.BeginAsync(shared.Client, key.Namespace, Stop);
        await shared.PatchAsync<Deployment>(key, """{"spec":{"template":{"metadata":{"annotations":{"version":"2"}}}}}""", Stop);
        var second = await CompleteAsync(key);
        var sizes = (await history.ReadAsync(Stop)).Select(pods => (Total: pods.Values.Count(pod => pod.IsActive), Available: pods.Values.Count(pod => pod is { IsActive: true, IsReady: true }))).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(' ', sizes));
        Assert.All(sizes, size => Assert.True(size.Total <= 5, $"{size.Total} pods"));
        Assert.All(sizes, size => Assert.True(size.Available >= 3, $"{size.Available} available"));
        Assert.Equal("2", second.Metadata.Annotations!["deployment.kubernetes.io/revision"]);
        Assert.Equal(
            ["Available=True MinimumReplicasAvailable Deployment has minimum availability.", $"Progressing=True NewReplicaSetAvailable ReplicaSet \"{(await NewestAsync(key)).Key.Name}\" has successfully progressed."],
            second.Status!.Conditions!.Select(c => $"{c.Type}={c.Status} {c.Reason} {c.Message}"));
        var sets = await SetsAsync(key);
        Assert.Equal([0, 4], sets.Select(set => set.Spec.Replicas ?? -1));
        await shared.PatchAsync<Deployment>(key, """{"spec":{"template":{"metadata":{"annotations":{"version":null}}}}}""", Stop);
        var third = await CompleteAsync(key);
        Assert.Equal("3", third.Metadata.Annotations!["deployment.kubernetes.io/revision"]);
        sets = await SetsAsync(key);
        Assert.Equal(["2", "3 after 1"], sets.Select(set => set.Metadata.Annotations!).Select(notes => notes["deployment.kubernetes.io/revision"]
            + (notes.TryGetValue("deployment.kubernetes.io/revision-history", out var history) ? $" after {history}" : "")).Order(StringComparer.Ordinal));
        var events = await shared.SeeEventsAsync(key, seen => seen.Count >= 3, Stop);
        Assert.StartsWith("ScalingReplicaSet: Scaled up replica set web-", events[0], StringComparison.Ordinal);
        Assert.EndsWith("from 0 to 4", events[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recreation_makes_no_new_pod_before_the_last_old_one_is_gone()
    {
        var key = new ObjectKey("recreate", "web");
        await using var actor = new PodActor(shared.Cluster.NewClient("node"));
        await InstallAsync(key, "replicas: 3, strategy: {type: Recreate}");
        await CompleteAsync(key);
        await using var history = await PodHistory.BeginAsync(shared.Client, key.Namespace, Stop);
        await shared.PatchAsync<Deployment>(key, """{"spec":{"template":{"metadata":{"annotations":{"version":"2"}}}}}""", Stop);
        await CompleteAsync(key);
        var states = await history.ReadAsync(Stop);
        Assert.All(states, pods => Assert.True(pods.Values.Select(pod => pod.Metadata.Labels!["pod-template-hash"]).Distinct().Count() <= 1, "old and new together"));
        Assert.Contains(states, pods => pods.Count == 0);
    }

    [Fact]
    public async Task A_paused_one_makes_no_new_set_and_is_still_sized()
    {
        var key = new ObjectKey("paused", "web");
        await using var actor = new PodActor(shared.Cluster.NewClient("node"));
        await InstallAsync(key, "replicas: 1");
        await CompleteAsync(key);
        await shared.PatchAsync<Deployment>(key, """{"spec":{"paused":true,"replicas":2,"template":{"metadata":{"annotations":{"version":"2"}}}}}""", Stop);
        var paused = await SeeAsync(key, seen => seen.Status is { AvailableReplicas: 2 } && seen.Status.ObservedGeneration == seen.Metadata.Generation);
        Assert.Contains(paused.Status!.Conditions!, c => c is { Type: "Progressing", Status: "Unknown", Reason: "DeploymentPaused", Message: "Deployment is paused" });
        Assert.Single(await SetsAsync(key));
        await shared.PatchAsync<Deployment>(key, """{"spec":{"paused":null}}""", Stop);
        await CompleteAsync(key);
        Assert.Equal(2, (await SetsAsync(key)).Count);
    }

    [Fact]
    public async Task One_that_does_not_come_in_time_says_so_and_old_sets_beyond_the_limit_go()
    {
        var key = new ObjectKey("late", "web");
        await using var actor = new PodActor(shared.Cluster.NewClient("node")) { BecomesReady = pod => pod.Metadata.Annotations?.ContainsKey("stuck") != true };
        await InstallAsync(key, "replicas: 1, progressDeadlineSeconds: 1, revisionHistoryLimit: 1");
        await CompleteAsync(key);
        await shared.PatchAsync<Deployment>(key, """{"spec":{"template":{"metadata":{"annotations":{"stuck":"yes"}}}}}""", Stop);
        var late = await SeeAsync(key, seen => seen.Status?.Conditions?.Exists(c => c is { Type: "Progressing", Status: "False" }) == true);
        Assert.Equal($"ProgressDeadlineExceeded ReplicaSet \"{(await NewestAsync(key)).Key.Name}\" has timed out progressing.", late.Status!.Conditions!.Where(c => c.Type == "Progressing").Select(c => $"{c.Reason} {c.Message}").Single());
        Assert.Equal(1, late.Status.AvailableReplicas);
        foreach (var version in new[] { "2", "3", "4" })
        {
            await shared.PatchAsync<Deployment>(key, """{"spec":{"template":{"metadata":{"annotations":{"stuck":null,"version":"V"}}}}}""".Replace("V", version, StringComparison.Ordinal), Stop);
            await CompleteAsync(key);
        }

        await shared.SeeAsync<ReplicaSet>("one old set", key.Namespace, seen => seen.Count == 2, Stop);
    }

    [Fact]
    public async Task A_set_that_a_deployment_lost_is_its_own_again_and_one_of_the_same_hash_makes_it_take_another()
    {
        var key = new ObjectKey("lost", "web");
        await InstallAsync(key, "replicas: 1");
        var set = Assert.Single(await shared.SeeAsync<ReplicaSet>("a set", key.Namespace, seen => seen.Count == 1, Stop));
        await shared.PatchAsync<ReplicaSet>(set.Key, """{"metadata":{"ownerReferences":null}}""", Stop);
        await shared.SeeAsync<ReplicaSet>("it adopted", key.Namespace, seen => seen.Count == 1 && seen[0].Metadata is { Uid: { } uid, OwnerReferences: [{ Kind: "Deployment" }] } && uid == set.Metadata.Uid, Stop);

        // Somebody else's set takes the name that another Deployment is about to want.
        var other = new ObjectKey("collision", "web");
        await shared.Cluster.InstallAsync(
            $$$"""
            {apiVersion: v1, kind: Namespace, metadata: {name: collision}}
            ---
            apiVersion: apps/v1
            kind: ReplicaSet
            metadata: {name: {{{set.Key.Name}}}, namespace: collision}
            spec: {replicas: 0, selector: {matchLabels: {is: other}}, template: {metadata: {labels: {is: other}}, spec: {containers: [{name: c, image: "i:9"}]} } }
            """,
            Stop);
        await InstallAsync(other, "replicas: 1");
        var collided = await SeeAsync(other, seen => seen.Status is { CollisionCount: 1, UpdatedReplicas: 1 });
        Assert.Equal(2, (await SetsAsync(other)).Count);
        Assert.NotNull(collided.Status);
    }

    private Task InstallAsync(ObjectKey key, string spec) => shared.Cluster.InstallAsync(
        $$$"""
        {apiVersion: v1, kind: Namespace, metadata: {name: {{{key.Namespace}}}}}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: {{{key.Name}}}, namespace: {{{key.Namespace}}}}
        spec: {selector: {matchLabels: {app: w}}, template: {metadata: {labels: {app: w}}, spec: {containers: [{name: c, image: "i:1"}]}}, {{{spec}}}}
        """,
        Stop);

    private async Task<Deployment> SeeAsync(ObjectKey key, Func<Deployment, bool> holds) =>
        (await shared.SeeAsync<Deployment>($"{key}", key.Namespace, seen => seen.Count == 1 && holds(seen[0]), Stop))[0];

    private Task<Deployment> CompleteAsync(ObjectKey key) => SeeAsync(
        key, seen => seen.Status is { } status && status.ObservedGeneration == seen.Metadata.Generation && status.UpdatedReplicas == seen.Spec.Replicas && status.Replicas == seen.Spec.Replicas
            && status.AvailableReplicas == seen.Spec.Replicas && status.Conditions?.Exists(c => c.Reason == "NewReplicaSetAvailable") == true);

    private async Task<List<ReplicaSet>> SetsAsync(ObjectKey key) =>
        [.. (await shared.Client.ListAsync<ReplicaSet>(new ListOptions { Namespace = key.Namespace }, Stop)).Items.OrderBy(set => set.Spec.Replicas)];

    private async Task<ReplicaSet> NewestAsync(ObjectKey key) =>
        (await SetsAsync(key)).OrderBy(set => int.Parse(set.Metadata.Annotations!["deployment.kubernetes.io/revision"], System.Globalization.CultureInfo.InvariantCulture)).Last();
}
