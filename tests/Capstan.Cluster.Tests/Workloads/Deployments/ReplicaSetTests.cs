using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Tests.Workloads.Deployments;

public sealed class ReplicaSetTests(WorkloadCluster shared) : IClassFixture<WorkloadCluster>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Exactly_as_many_pods_are_made_and_deleted_as_asked_for()
    {
        var key = new ObjectKey("exact", "web");
        await InstallAsync(key, "replicas: 40");
        await using var history = await PodHistory.BeginAsync(shared.Client, key.Namespace, Stop);
        await SeeAsync(key, set => set.Status is { Replicas: 40, FullyLabeledReplicas: 40, TerminatingReplicas: 0, ObservedGeneration: 1 });
        await shared.PatchAsync<ReplicaSet>(key, """{"spec":{"replicas":7}}""", Stop);
        await SeeAsync(key, set => set.Status is { Replicas: 7, ObservedGeneration: 2 });
        var states = await history.ReadAsync(Stop);
        Assert.Equal(40, states.Max(pods => pods.Count));
        Assert.Equal(40, states.SelectMany(pods => pods.Keys).Distinct().Count());
        Assert.Equal(7, states[^1].Count);
        var pod = states[^1].Values.First();
        Assert.StartsWith("web-", pod.Key.Name, StringComparison.Ordinal);
        Assert.Equal("web-", pod.Metadata.GenerateName);
    }

    [Fact]
    public async Task Orphans_that_match_are_adopted_and_pods_that_match_no_more_are_let_go()
    {
        var key = new ObjectKey("family", "web");
        await shared.Cluster.InstallAsync(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: family}}
            ---
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: runner, namespace: family}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: stray, namespace: family, labels: {app: w}}, spec: {serviceAccountName: runner, containers: [{name: c, image: "i:1"}]}}
            """,
            Stop);
        await InstallAsync(key, "replicas: 2");
        var pods = await shared.SeeAsync<Pod>("two pods, the stray adopted", key.Namespace, seen => seen.Count == 2 && seen.All(pod => pod.Metadata.OwnerReferences is [{ Name: "web", Controller: true }]), Stop);
        Assert.Contains(pods, pod => pod.Key.Name == "stray");
        await shared.PatchAsync<Pod>(new("family", "stray"), """{"metadata":{"labels":{"app":"other"}}}""", Stop);
        await shared.SeeAsync<Pod>("another in its place", key.Namespace, seen => seen.Count == 3 && seen.Single(pod => pod.Key.Name == "stray").Metadata.OwnerReferences is null or [], Stop);
        var set = await SeeAsync(key, seen => seen.Status is { Replicas: 2 });
        Assert.Equal(2, set.Spec.Replicas);
    }

    [Fact]
    public async Task What_keeps_it_from_making_pods_stands_in_a_condition_until_it_works()
    {
        var key = new ObjectKey("poor", "web");
        await shared.Cluster.InstallAsync(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: poor}}
            ---
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: poor}}
            ---
            {apiVersion: v1, kind: ResourceQuota, metadata: {name: few, namespace: poor}, spec: {hard: {pods: "1"}}}
            """,
            Stop);
        var quotas = new ResourceType("", "v1", "ResourceQuota", "resourcequotas", Namespaced: true);
        await Capstan.Testing.Eventually.SeeAsync("the quota to be counted", async stop => (await shared.Client.GetAsync(quotas, new("poor", "few"), stop)).ToJson(), seen => seen["status"]?["used"]?["pods"] is not null, cancellationToken: Stop);
        await InstallAsync(key, "replicas: 3");
        var set = await SeeAsync(key, seen => seen.Status is { Replicas: 1, Conditions.Count: 1 });
        var condition = set.Status!.Conditions![0];
        Assert.Equal("ReplicaFailure True FailedCreate", $"{condition.Type} {condition.Status} {condition.Reason}");
        Assert.Matches("^pods \"web-[a-z0-9]{5}\" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1$", condition.Message!);
        var events = await shared.SeeEventsAsync(key, seen => seen.Count >= 2, Stop);
        Assert.Contains(events, one => one.StartsWith("SuccessfulCreate: Created pod: web-", StringComparison.Ordinal));
        Assert.Contains(events, one => one.StartsWith("FailedCreate: Error creating: pods \"web-", StringComparison.Ordinal));
        await shared.Client.DeleteAsync(quotas, new("poor", "few"), cancellationToken: Stop);
        await SeeAsync(key, seen => seen.Status is { Replicas: 3, Conditions: null });
    }

    [Fact]
    public async Task A_pod_counts_as_available_once_it_was_ready_for_long_enough()
    {
        var key = new ObjectKey("patience", "web");
        await InstallAsync(key, "replicas: 2, minReadySeconds: 3600");
        var pods = await shared.SeeAsync<Pod>("two pods", key.Namespace, seen => seen.Count == 2, Stop);
        await PodActor.SetAsync(shared.Client, pods[0], "Running", true, Stop, DateTimeOffset.UtcNow.AddHours(-2));
        await PodActor.SetAsync(shared.Client, pods[1], "Running", true, Stop, DateTimeOffset.UtcNow.AddSeconds(-3598));
        await SeeAsync(key, set => set.Status is { ReadyReplicas: 2, AvailableReplicas: >= 1 });

        // Nothing but time makes the other one available.
        await SeeAsync(key, set => set.Status is { AvailableReplicas: 2 });
    }

    [Fact]
    public async Task A_replication_controller_keeps_its_pods_too()
    {
        var type = new ResourceType("", "v1", "ReplicationController", "replicationcontrollers", Namespaced: true);
        await shared.Cluster.InstallAsync(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: before}}
            ---
            apiVersion: v1
            kind: ReplicationController
            metadata: {name: web, namespace: before}
            spec: {replicas: 2, selector: {app: w}, template: {metadata: {labels: {app: w}}, spec: {containers: [{name: c, image: "i:1"}]}}}
            """,
            Stop);
        await shared.SeeAsync<Pod>("two pods", "before", seen => seen.Count == 2 && seen.All(pod => pod.Metadata.OwnerReferences is [{ Kind: "ReplicationController", ApiVersion: "v1", Controller: true }]), Stop);
        await Capstan.Testing.Eventually.SeeAsync(
            "its status", async stop => (await shared.Client.GetAsync(type, new("before", "web"), stop)).ToJson()["status"]!.ToJsonString(),
            status => status == """{"replicas":2,"fullyLabeledReplicas":2,"observedGeneration":1}""", cancellationToken: Stop);
        await shared.SeeEventsAsync(new("before", "web"), seen => seen.Count == 2 && seen.All(one => one.StartsWith("SuccessfulCreate: Created pod: web-", StringComparison.Ordinal)), Stop);
    }

    private Task InstallAsync(ObjectKey key, string spec) => shared.Cluster.InstallAsync(
        $$$"""
        {apiVersion: v1, kind: Namespace, metadata: {name: {{{key.Namespace}}}}}
        ---
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata: {name: {{{key.Name}}}, namespace: {{{key.Namespace}}}}
        spec: {selector: {matchLabels: {app: w}}, template: {metadata: {labels: {app: w}}, spec: {containers: [{name: c, image: "i:1"}]}}, {{{spec}}}}
        """,
        Stop);

    private async Task<ReplicaSet> SeeAsync(ObjectKey key, Func<ReplicaSet, bool> holds) =>
        (await shared.SeeAsync<ReplicaSet>($"{key}", key.Namespace, seen => seen.Count == 1 && holds(seen[0]), Stop))[0];
}
