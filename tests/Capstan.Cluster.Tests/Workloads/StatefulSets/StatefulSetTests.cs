using Capstan.Cluster.Kinds;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Workloads.StatefulSets;

public sealed class StatefulSetTests(WorkloadCluster shared) : IClassFixture<WorkloadCluster>
{
    private static readonly ResourceType Claims = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Namespaced: true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pods_come_one_after_the_other_with_names_and_claims_of_their_own_and_go_the_other_way_round()
    {
        var key = new ObjectKey("ordered", "db");
        await using var actor = new PodActor(shared.Cluster.NewClient("node"));
        await InstallAsync(key, "replicas: 3, ordinals: {start: 5}");
        await using var history = await PodHistory.BeginAsync(shared.Client, key.Namespace, Stop);
        await SeeAsync(key, set => set.Status is { ReadyReplicas: 3, AvailableReplicas: 3, CurrentReplicas: 3, UpdatedReplicas: 3 });
        var pod = await shared.Client.GetAsync<Pod>(new(key.Namespace, "db-6"), Stop);
        Assert.Equal(("db-6", "6", "db-6", "db"), (pod.Metadata.Labels!["statefulset.kubernetes.io/pod-name"], pod.Metadata.Labels["apps.kubernetes.io/pod-index"], pod.Spec.Hostname, pod.Spec.Subdomain));
        Assert.Equal("data-db-6", (string?)pod.Spec.Volumes![0]["persistentVolumeClaim"]!["claimName"]);
        var claim = await shared.Client.GetAsync(Claims, new(key.Namespace, "data-db-6"), Stop);
        Assert.Equal(("db", "disk"), (claim.Labels["app"], claim.Labels["kind"]));
        Assert.Empty(claim.OwnerReferences);
        await shared.PatchAsync<StatefulSet>(key, """{"spec":{"replicas":1}}""", Stop);
        await SeeAsync(key, set => set.Status is { Replicas: 1, ObservedGeneration: 2 });
        var orders = (await history.ReadAsync(Stop)).Select(pods => string.Join(' ', pods.Keys.Order(StringComparer.Ordinal))).ToList();
        Assert.Equal(["db-5", "db-5 db-6", "db-5 db-6 db-7", "db-5 db-6", "db-5"], Runs(orders.Where(order => order.Length > 0)));
        var events = await shared.SeeEventsAsync(key, told => told.Count >= 8, Stop);
        Assert.Equal(
            [
                "SuccessfulCreate: Create Claim data-db-5 Pod db-5 in StatefulSet db success", "SuccessfulCreate: Create Pod db-5 in StatefulSet db successful",
                "SuccessfulCreate: Create Claim data-db-6 Pod db-6 in StatefulSet db success", "SuccessfulCreate: Create Pod db-6 in StatefulSet db successful",
                "SuccessfulCreate: Create Claim data-db-7 Pod db-7 in StatefulSet db success", "SuccessfulCreate: Create Pod db-7 in StatefulSet db successful",
                "SuccessfulDelete: Delete Pod db-7 in StatefulSet db successful", "SuccessfulDelete: Delete Pod db-6 in StatefulSet db successful",
            ],
            events);
    }

    [Fact]
    public async Task An_update_goes_down_the_ordinals_to_the_partition_and_the_way_back_takes_the_revision_of_then()
    {
        var key = new ObjectKey("rolling", "db");
        await using var actor = new PodActor(shared.Cluster.NewClient("node"));
        await InstallAsync(key, "replicas: 3, revisionHistoryLimit: 1, updateStrategy: {rollingUpdate: {partition: 1}}");
        var first = (await SeeAsync(key, set => set.Status is { AvailableReplicas: 3 } && set.Status.CurrentRevision == set.Status.UpdateRevision)).Status!.UpdateRevision;
        await using var history = await PodHistory.BeginAsync(shared.Client, key.Namespace, Stop);
        await shared.PatchAsync<StatefulSet>(key, """{"spec":{"template":{"metadata":{"annotations":{"version":"2"}}}}}""", Stop);
        var half = await SeeAsync(key, set => set.Status is { ObservedGeneration: 2, UpdatedReplicas: 2, AvailableReplicas: 3 });
        Assert.Equal((first, 1), (half.Status!.CurrentRevision, half.Status.CurrentReplicas));
        Assert.NotEqual(first, half.Status.UpdateRevision);

        // A pod below the partition that is lost comes back as it was.
        await shared.Client.DeleteAsync<Pod>(new(key.Namespace, "db-0"), cancellationToken: Stop);
        await shared.SeeAsync<Pod>("db-0 of the first revision", key.Namespace, pods => pods.Count == 3 && pods.All(pod => pod is { IsReady: true, IsActive: true }), Stop);
        Assert.Equal(first, (await shared.Client.GetAsync<Pod>(new(key.Namespace, "db-0"), Stop)).Metadata.Labels!["controller-revision-hash"]);
        await shared.PatchAsync<StatefulSet>(key, """{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}""", Stop);
        await SeeAsync(key, set => set.Status is { UpdatedReplicas: 3, AvailableReplicas: 3 } && set.Status.CurrentRevision == half.Status.UpdateRevision);
        var states = await history.ReadAsync(Stop);
        Assert.All(states, pods => Assert.True(pods.Values.Count(pod => pod is { IsReady: true, IsActive: true }) >= 2, "two are missing"));
        await shared.PatchAsync<StatefulSet>(key, """{"spec":{"template":{"metadata":{"annotations":{"version":null}}}}}""", Stop);
        var back = await SeeAsync(key, set => set.Status is { UpdatedReplicas: 3, AvailableReplicas: 3 } && set.Status.CurrentRevision == first);
        Assert.Equal(first, back.Status!.UpdateRevision);
        var revisions = (await shared.Client.ListAsync<ControllerRevision>(new ListOptions { Namespace = key.Namespace }, Stop)).Items;
        Assert.Equal([2, 3], revisions.Select(one => one.Revision).Order());
        foreach (var version in new[] { "3", "4" })
        {
            await shared.PatchAsync<StatefulSet>(key, """{"spec":{"template":{"metadata":{"annotations":{"version":"V"}}}}}""".Replace("V", version, StringComparison.Ordinal), Stop);
            await SeeAsync(key, set => set.Status is { UpdatedReplicas: 3, AvailableReplicas: 3 } && set.Status.ObservedGeneration == set.Metadata.Generation && set.Status.CurrentRevision == set.Status.UpdateRevision);
        }

        await shared.SeeAsync<ControllerRevision>("one past revision", key.Namespace, seen => seen.Count == 2, Stop);
    }

    [Fact]
    public async Task In_parallel_none_waits_for_another_and_on_delete_none_is_replaced()
    {
        var key = new ObjectKey("parallel", "db");
        await InstallAsync(key, "replicas: 4, podManagementPolicy: Parallel, updateStrategy: {type: OnDelete}");
        await shared.SeeAsync<Pod>("four pods, none of them ready", key.Namespace, pods => pods.Count == 4, Stop);
        await shared.PatchAsync<StatefulSet>(key, """{"spec":{"template":{"metadata":{"annotations":{"version":"2"}}}}}""", Stop);
        var set = await SeeAsync(key, seen => seen.Status is { ObservedGeneration: 2, Replicas: 4 });
        Assert.Equal((4, 0), (set.Status!.CurrentReplicas, set.Status.UpdatedReplicas));
        await shared.Client.DeleteAsync<Pod>(new(key.Namespace, "db-2"), cancellationToken: Stop);
        await SeeAsync(key, seen => seen.Status is { CurrentReplicas: 3, UpdatedReplicas: 1 });
        await shared.PatchAsync<StatefulSet>(key, """{"spec":{"replicas":0}}""", Stop);
        await shared.SeeAsync<Pod>("none", key.Namespace, pods => pods.Count == 0, Stop);
    }

    [Fact]
    public async Task A_pod_that_failed_is_replaced_and_one_that_lost_its_label_gets_it_back()
    {
        var key = new ObjectKey("repair", "db");
        await using var actor = new PodActor(shared.Cluster.NewClient("node"));
        await InstallAsync(key, "replicas: 2");
        await SeeAsync(key, set => set.Status is { AvailableReplicas: 2 });
        var failed = await shared.Client.GetAsync<Pod>(new(key.Namespace, "db-1"), Stop);
        await PodActor.SetAsync(shared.Client, failed, "Failed", ready: false, Stop);
        await shared.SeeAsync<Pod>("another db-1", key.Namespace, pods => pods.Count == 2 && pods.All(pod => pod.IsReady && pod.Metadata.Uid != failed.Metadata.Uid), Stop);
        await shared.PatchAsync<Pod>(new(key.Namespace, "db-0"), """{"metadata":{"labels":{"statefulset.kubernetes.io/pod-name":null}}}""", Stop);
        await shared.SeeAsync<Pod>("the label", key.Namespace, pods => pods.All(pod => pod.Metadata.Labels!.GetValueOrDefault("statefulset.kubernetes.io/pod-name") == pod.Key.Name), Stop);
        await shared.SeeEventsAsync(key, seen => seen.Contains("SuccessfulUpdate: Update Pod db-0 in StatefulSet db successful"), Stop);
    }

    [Fact]
    public async Task Claims_go_with_the_set_or_with_the_pods_that_it_gives_up_as_its_policy_says()
    {
        var key = new ObjectKey("retention", "db");
        await using var actor = new PodActor(shared.Cluster.NewClient("node"));
        await InstallAsync(key, "replicas: 2, persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Delete}");
        await SeeAsync(key, set => set.Status is { AvailableReplicas: 2 });
        await ClaimsAsync(key.Namespace, seen => seen.Count == 2 && seen.All(claim => claim.OwnerReferences is [{ Kind: "StatefulSet", Name: "db", Controller: true, BlockOwnerDeletion: true }]));
        await shared.PatchAsync<StatefulSet>(key, """{"spec":{"replicas":1}}""", Stop);
        await ClaimsAsync(key.Namespace, seen => seen.Count == 1 && seen[0].Key.Name == "data-db-0");

        // The claim of before is gone with its pod: the new pod has a new one.
        await shared.PatchAsync<StatefulSet>(key, """{"spec":{"replicas":2}}""", Stop);
        await SeeAsync(key, set => set.Status is { AvailableReplicas: 2, ObservedGeneration: 3 });
        await shared.PatchAsync<StatefulSet>(key, """{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain"}}}""", Stop);
        await ClaimsAsync(key.Namespace, seen => seen.Count == 2 && seen.All(claim => claim.OwnerReferences.Count == 0));
        await shared.PatchAsync<StatefulSet>(key, """{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Delete"}}}""", Stop);
        await ClaimsAsync(key.Namespace, seen => seen.Count == 2 && seen.All(claim => claim.OwnerReferences.Count == 1));
        await shared.Client.DeleteAsync<StatefulSet>(key, cancellationToken: Stop);
        await ClaimsAsync(key.Namespace, seen => seen.Count == 0);
    }

    private Task<List<DynamicObject>> ClaimsAsync(string @namespace, Func<List<DynamicObject>, bool> holds) => Eventually.SeeAsync(
        "claims", async stop => (await shared.Client.ListAsync(Claims, new ListOptions { Namespace = @namespace }, stop)).Items.ToList(), holds, TimeSpan.FromMinutes(1), Stop);

    private static List<string> Runs(IEnumerable<string> values) => values.Aggregate(new List<string>(), (runs, value) => runs.Count > 0 && runs[^1] == value ? runs : [.. runs, value]);

    private Task InstallAsync(ObjectKey key, string spec) => shared.Cluster.InstallAsync(
        $$$"""
        {apiVersion: v1, kind: Namespace, metadata: {name: {{{key.Namespace}}}}}
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: {{{key.Name}}}, namespace: {{{key.Namespace}}}}
        spec: {
          serviceName: db,
          selector: {matchLabels: {app: db} },
          template: {metadata: {labels: {app: db} }, spec: {containers: [{name: c, image: "i:1"}]} },
          volumeClaimTemplates: [{metadata: {name: data, labels: {kind: disk} }, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi} } } }],
          {{{spec}}}
          }
        """,
        Stop);

    private async Task<StatefulSet> SeeAsync(ObjectKey key, Func<StatefulSet, bool> holds) =>
        (await shared.SeeAsync<StatefulSet>($"{key}", key.Namespace, seen => seen.Count == 1 && holds(seen[0]), Stop))[0];
}
