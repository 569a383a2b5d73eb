using System.Text.Json.Nodes;
using Capstan.Quotas;
using Xunit;

namespace Capstan.Objects.Tests.Quotas;

public sealed class QuotaMeterTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("", "configmaps", "{}", "configmaps=1,count/configmaps=1")]
    [InlineData("batch", "jobs", "{}", "count/jobs.batch=1")]
    [InlineData("", "services", """{"spec":{"type":"ClusterIP","ports":[{}]}}""", "count/services=1,services=1,services.loadbalancers=0,services.nodeports=0")]
    [InlineData("", "services", """{"spec":{"type":"NodePort","ports":[{},{}]}}""", "count/services=1,services=1,services.loadbalancers=0,services.nodeports=2")]
    [InlineData("", "services", """{"spec":{"type":"LoadBalancer","ports":[{},{}]}}""", "count/services=1,services=1,services.loadbalancers=1,services.nodeports=2")]
    [InlineData(
        "", "services", """{"spec":{"type":"LoadBalancer","allocateLoadBalancerNodePorts":false,"ports":[{"nodePort":30000},{}]}}""",
        "count/services=1,services=1,services.loadbalancers=1,services.nodeports=1")]
    [InlineData(
        "", "persistentvolumeclaims", """{"spec":{"storageClassName":"gold","resources":{"requests":{"storage":"2Gi"}}}}""",
        "count/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/requests.storage=2Gi,persistentvolumeclaims=1,requests.storage=2Gi")]
    [InlineData(
        "", "persistentvolumeclaims", """{"spec":{"resources":{"requests":{"storage":"2Gi"}}},"status":{"allocatedResources":{"storage":"3Gi"}}}""",
        "count/persistentvolumeclaims=1,persistentvolumeclaims=1,requests.storage=3Gi")]
    [InlineData("", "pods", """{"spec":{"containers":[{}]}}""", "count/pods=1,pods=1")]
    [InlineData("", "pods", """{"spec":{"containers":[{"resources":{"requests":{"cpu":"1"}}}]},"status":{"phase":"Succeeded"}}""", "count/pods=1")]
    [InlineData("", "pods", """{"metadata":{"deletionTimestamp":"2026-01-01T11:59:00Z","deletionGracePeriodSeconds":30},"spec":{}}""", "count/pods=1")]
    [InlineData("", "pods", """{"metadata":{"deletionTimestamp":"2026-01-01T11:59:45Z","deletionGracePeriodSeconds":30},"spec":{}}""", "count/pods=1,pods=1")]
    [InlineData(
        "", "pods",
        """{"spec":{"containers":[{"resources":{"requests":{"cpu":"100m","example.com/gpu":"1"},"limits":{"cpu":"1","example.com/gpu":"1"}}},{"resources":{"requests":{"cpu":"200m"}}}],"initContainers":[{"resources":{"requests":{"cpu":"250m","memory":"1Gi"}}}]}}""",
        "count/pods=1,cpu=300m,limits.cpu=1,memory=1Gi,pods=1,requests.cpu=300m,requests.example.com/gpu=1,requests.memory=1Gi")]
    [InlineData(
        "", "pods",
        """{"spec":{"overhead":{"cpu":"10m","memory":"1Mi"},"containers":[{"resources":{"requests":{"cpu":"1"},"limits":{"cpu":"1"}}}],"initContainers":[{"restartPolicy":"Always","resources":{"requests":{"cpu":"500m"}}},{"resources":{"requests":{"cpu":"2"}}}]}}""",
        "count/pods=1,cpu=2510m,limits.cpu=1010m,memory=1Mi,pods=1,requests.cpu=2510m,requests.memory=1Mi")]
    [InlineData(
        "", "pods", """{"spec":{"resources":{"requests":{"cpu":"3"}},"containers":[{"resources":{"requests":{"cpu":"1","hugepages-2Mi":"4Mi"}}}]}}""",
        "count/pods=1,cpu=3,hugepages-2Mi=4Mi,pods=1,requests.cpu=3,requests.hugepages-2Mi=4Mi")]
    public void Objects_count(string group, string resource, string obj, string usage) =>
        Assert.Equal(usage, string.Join(",", QuotaMeter.For(new(group, resource))!.Usage(JsonNode.Parse(obj)!.AsObject(), Now)
            .OrderBy(amount => amount.Key, StringComparer.Ordinal).Select(amount => $"{amount.Key}={amount.Value}")));

    [Theory]
    [InlineData("pods", "pods")]
    [InlineData("limits.ephemeral-storage", "pods")]
    [InlineData("requests.nvidia.com/gpu", "pods")]
    [InlineData("requests.hugepages-1Gi", "pods")]
    [InlineData("services.loadbalancers", "services")]
    [InlineData("slow.storageclass.storage.k8s.io/requests.storage", "persistentvolumeclaims")]
    [InlineData("secrets", "secrets")]
    [InlineData("count/widgets.example.com", "widgets.example.com")]
    [InlineData("limits.nvidia.com/gpu", null)]
    [InlineData("nothing", null)]
    public void A_limit_is_about_a_resource(string name, string? resource) => Assert.Equal(resource, QuotaMeter.ResourceOf(name)?.ToString());

    [Theory]
    [InlineData("""{"scopes":["BestEffort"]}""", """{"containers":[{}]}""", true)]
    [InlineData("""{"scopes":["BestEffort"]}""", """{"containers":[{"resources":{"limits":{"memory":"1"}}}]}""", false)]
    [InlineData("""{"scopes":["NotBestEffort","NotTerminating"]}""", """{"containers":[{"resources":{"limits":{"memory":"1"}}}]}""", true)]
    [InlineData("""{"scopes":["Terminating"]}""", """{"activeDeadlineSeconds":5}""", true)]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["high"]}]}}""", """{"priorityClassName":"high"}""", true)]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["high"]}]}}""", "{}", false)]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"NotIn","values":["high"]}]}}""", "{}", true)]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"DoesNotExist"}]}}""", """{"priorityClassName":"high"}""", false)]
    [InlineData("""{"scopes":["CrossNamespacePodAffinity"]}""", """{"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"namespaces":["x"]}]}}}""", true)]
    [InlineData("""{"scopes":["CrossNamespacePodAffinity"]}""", """{"affinity":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"podAffinityTerm":{"namespaceSelector":{}}}]}}}""", true)]
    [InlineData("""{"scopes":["CrossNamespacePodAffinity"]}""", """{"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{}]}}}""", false)]
    public void Scopes_choose_pods(string quota, string pod, bool chosen) =>
        Assert.Equal(chosen, QuotaMeter.For(new("", "pods"))!.IsInScope(JsonNode.Parse(quota), new JsonObject { ["spec"] = JsonNode.Parse(pod) }));
}
