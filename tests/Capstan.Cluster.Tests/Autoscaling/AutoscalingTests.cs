using System.Text;
using Capstan.Cluster.Autoscaling;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Autoscaling;

/// <summary>Metrics are served over the wire: here by a definition of that group and kind, whose objects the test writes.</summary>
public sealed class AutoscalingTests
{
    private const string Metrics =
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: pods.metrics.k8s.io, annotations: {api-approved.kubernetes.io: "unapproved, a test"}}
        spec:
          group: metrics.k8s.io
          scope: Namespaced
          names: {plural: pods, singular: podmetrics, kind: PodMetrics, listKind: PodMetricsList}
          versions: [{name: v1beta1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_target_grows_with_its_load_and_the_status_says_why()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(Metrics, Stop);
        await cluster.InstallAsync(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: "a:1", resources: {requests: {cpu: 100m, memory: 64Mi}}}]}}}
            ---
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: web}
            spec:
              minReplicas: 2
              maxReplicas: 10
              scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
              metrics:
              - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
              - {type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 80}}}
            """,
            Stop);
        await using var controllers = await StartAsync(cluster);
        await StatusAsync(cluster, status => Reason(status, "ScalingActive") == "FailedGetResourceMetric");
        var pods = await Eventually.SeeAsync("two pods", stop => PodsAsync(cluster, stop), pods => pods.Count == 2, cancellationToken: Stop);
        foreach (var pod in pods)
        {
            var ready = $$$"""{"status":{"phase":"Running","startTime":"2024-01-01T00:00:00Z","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2024-01-01T00:00:00Z"}]}}""";
            await cluster.Client.PatchStatusAsync<Pod>(pod.Key, Encoding.UTF8.GetBytes(ready), cancellationToken: Stop);
            await cluster.InstallAsync(
                $$$"""
                apiVersion: metrics.k8s.io/v1beta1
                kind: PodMetrics
                metadata: {name: {{{pod.Metadata.Name}}}, labels: {app: web}}
                timestamp: {{{KubeTime.Format(TimeProvider.System.GetUtcNow())}}}
                window: 15s
                containers: [{name: main, usage: {cpu: 105m, memory: 32Mi}}]
                """,
                Stop);
        }

        // 105 % of 70 %: a half more.
        var status = await StatusAsync(cluster, status => status.DesiredReplicas == 3 && status.CurrentMetrics?.Count == 2);
        Assert.Equal(
            ["cpu 105m 105", "memory 32Mi 50"],
            status.CurrentMetrics!.Select(metric => metric["resource"]!).Select(one => $"{one["name"]} {one["current"]!["averageValue"]} {one["current"]!["averageUtilization"]}"));
        await Eventually.SeeAsync("three pods", stop => PodsAsync(cluster, stop), all => all.Count == 3, cancellationToken: Stop);
        await Eventually.SeeAsync(
            "the event",
            async stop => (await cluster.Client.ListAsync(new("", "v1", "Event", "events", Namespaced: true), new ListOptions { FieldSelector = "reason=SuccessfulRescale" }, stop)).Items
                .Select(one => (string?)one.ToJson()["message"]).ToList(),
            messages => messages.Contains("New size: 3; reason: cpu resource utilization (percentage of request) above target"),
            cancellationToken: Stop);
        Assert.Equal(("True", "ValidMetricFound"), (status.Conditions!.Single(one => one.Type == "ScalingActive").Status, Reason(status, "ScalingActive")));

        // Whatever a person asks for stays within the bounds.
        await cluster.Client.ScaleAsync(Deployment.Resource, new("default", "web"), 20, Stop);
        await StatusAsync(cluster, status => status.CurrentReplicas == 10 || status.DesiredReplicas == 10);
        await cluster.Client.ScaleAsync(Deployment.Resource, new("default", "web"), 0, Stop);
        await StatusAsync(cluster, status => Reason(status, "ScalingActive") == "ScalingDisabled");
        await cluster.Client.DeleteAsync<Deployment>(new("default", "web"), cancellationToken: Stop);
        status = await StatusAsync(cluster, status => Reason(status, "AbleToScale") == "FailedGetScale");
        Assert.Equal(
            "the HPA controller was unable to get the target's current scale: deployments.apps \"web\" not found", status.Conditions!.Single(one => one.Type == "AbleToScale").Message);
    }

    private static string? Reason(AutoscalerStatus status, string type) => status.Conditions?.Find(one => one.Type == type)?.Reason;

    private static async Task<RunningOperator> StartAsync(TestCluster cluster)
    {
        // The cluster's own looks each fifteen seconds; this one is not waited for so long.
        var client = cluster.NewClient("kube-controller-manager");
        var builder = new OperatorBuilder(client, new OperatorOptions { Name = "autoscaling" });
        var events = new ClusterEvents(client);
        builder.AddRunnable(events.RunAsync);
        AutoscalingController.AddTo(builder, new SharedInformers(builder), events, TimeSpan.FromMilliseconds(200));
        return await RunningOperator.StartAsync(builder.Build(), Stop);
    }

    private static async Task<List<Pod>> PodsAsync(TestCluster cluster, CancellationToken stop) =>
        [.. (await cluster.Client.ListAsync<Pod>(new ListOptions { Namespace = "default", LabelSelector = "app=web" }, stop)).Items];

    private static async Task<AutoscalerStatus> StatusAsync(TestCluster cluster, Func<AutoscalerStatus, bool> holds) => (await Eventually.SeeAsync(
        "the autoscaler's status",
        async stop => (await cluster.Client.GetAsync<HorizontalPodAutoscaler>(new("default", "web"), stop)).Status,
        status => status is not null && holds(status),
        cancellationToken: Stop))!;
}
