using System.Text;
using Capstan;
using KubeTemplater.Applying;

namespace KubeTemplater.Tests.Applying;

public class ReadinessTests
{
    [Theory]
    [InlineData("apps/v1", "Deployment", """{"replicas":2}""", "{}", "its controller has not seen it yet")]
    [InlineData("apps/v1", "Deployment", """{"replicas":2}""", """{"observedGeneration":1,"replicas":2,"updatedReplicas":2,"availableReplicas":2}""", "generation 2 has not been observed yet")]
    [InlineData("apps/v1", "Deployment", """{"replicas":2}""", """{"observedGeneration":2,"replicas":2,"updatedReplicas":1,"availableReplicas":2}""", "1 of 2 replicas are updated")]
    [InlineData("apps/v1", "Deployment", """{"replicas":2}""", """{"observedGeneration":2,"replicas":3,"updatedReplicas":2,"availableReplicas":2}""", "1 old replicas are still there")]
    [InlineData("apps/v1", "Deployment", """{"replicas":2}""", """{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":1}""", "1 of 2 replicas are available")]
    [InlineData("apps/v1", "Deployment", """{"replicas":2}""", """{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2,"conditions":[{"type":"Available","status":"True"}]}""", null)]
    [InlineData("apps/v1", "Deployment", """{"replicas":0}""", """{"observedGeneration":2}""", null)]
    [InlineData("apps/v1", "Deployment", "{}", """{"observedGeneration":2,"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded","message":"has timed out progressing"}]}""", "has timed out progressing")]
    [InlineData("apps/v1", "StatefulSet", """{"replicas":2}""", """{"observedGeneration":2,"replicas":2,"readyReplicas":1}""", "1 of 2 replicas are ready")]
    [InlineData("apps/v1", "StatefulSet", """{"replicas":2}""", """{"observedGeneration":2,"replicas":2,"readyReplicas":2,"updatedReplicas":1,"currentRevision":"a","updateRevision":"b"}""", "1 of 2 replicas are updated")]
    [InlineData("apps/v1", "StatefulSet", """{"replicas":2,"updateStrategy":{"rollingUpdate":{"partition":1}}}""", """{"observedGeneration":2,"replicas":2,"readyReplicas":2,"updatedReplicas":1,"currentRevision":"a","updateRevision":"b"}""", null)]
    [InlineData("apps/v1", "StatefulSet", """{"replicas":2,"updateStrategy":{"type":"OnDelete"}}""", """{"observedGeneration":2,"replicas":2,"readyReplicas":2,"currentRevision":"a","updateRevision":"b"}""", null)]
    [InlineData("apps/v1", "DaemonSet", "{}", """{"observedGeneration":2,"desiredNumberScheduled":3,"updatedNumberScheduled":3,"numberAvailable":2}""", "2 of 3 pods are available")]
    [InlineData("apps/v1", "DaemonSet", "{}", """{"observedGeneration":2,"desiredNumberScheduled":0}""", null)]
    [InlineData("apps/v1", "ReplicaSet", "{}", """{"observedGeneration":2,"conditions":[{"type":"ReplicaFailure","status":"True","message":"quota"}]}""", "quota")]
    [InlineData("batch/v1", "Job", "{}", """{"active":1,"startTime":"2026-01-01T00:00:00Z"}""", "it is not complete")]
    [InlineData("batch/v1", "Job", "{}", """{"conditions":[{"type":"Complete","status":"True"}]}""", null)]
    [InlineData("batch/v1", "Job", "{}", """{"conditions":[{"type":"Failed","status":"True","message":"backoff limit"}]}""", "backoff limit")]
    [InlineData("v1", "Pod", "{}", """{"phase":"Running","conditions":[{"type":"Ready","status":"False","message":"containers with unready status: [web]"}]}""", "containers with unready status: [web]")]
    [InlineData("v1", "Pod", "{}", """{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}""", null)]
    [InlineData("v1", "Pod", "{}", """{"phase":"Succeeded"}""", null)]
    [InlineData("v1", "PersistentVolumeClaim", "{}", """{"phase":"Pending"}""", "it is Pending, not Bound")]
    [InlineData("v1", "PersistentVolumeClaim", "{}", """{"phase":"Bound"}""", null)]
    [InlineData("v1", "Service", """{"type":"ClusterIP"}""", """{"loadBalancer":{}}""", null)]
    [InlineData("v1", "Service", """{"type":"LoadBalancer"}""", """{"loadBalancer":{}}""", "it has no load balancer yet")]
    [InlineData("v1", "Service", """{"type":"LoadBalancer"}""", """{"loadBalancer":{"ingress":[{"ip":"10.0.0.1"}]}}""", null)]
    [InlineData("v1", "Namespace", "{}", """{"phase":"Terminating"}""", "it is Terminating")]
    [InlineData("apiextensions.k8s.io/v1", "CustomResourceDefinition", "{}", """{"conditions":[{"type":"NamesAccepted","status":"True"}]}""", "it is not established")]
    [InlineData("apiextensions.k8s.io/v1", "CustomResourceDefinition", "{}", """{"conditions":[{"type":"Established","status":"True"}]}""", null)]
    [InlineData("example.com/v1", "Widget", "{}", "{}", null)]
    [InlineData("example.com/v1", "Widget", "{}", """{"conditions":[{"type":"Ready","status":"Unknown"}]}""", "its condition Ready is Unknown")]
    [InlineData("example.com/v1", "Widget", "{}", """{"conditions":[{"type":"Available","status":"False","message":"no room"}]}""", "no room")]
    [InlineData("example.com/v1", "Widget", "{}", """{"conditions":[{"type":"Ready","status":"True","observedGeneration":1}]}""", "generation 2 has not been observed yet")]
    [InlineData("example.com/v1", "Widget", "{}", """{"conditions":[{"type":"Ready","status":"True","observedGeneration":2}]}""", null)]
    [InlineData("example.com/v1", "Widget", "{}", """{"conditions":[{"type":"Ready","status":"True"},{"type":"Stalled","status":"True","message":"stuck"}]}""", "stuck")]
    [InlineData("example.com/v1", "Widget", "{}", """{"conditions":"none","observedGeneration":"text"}""", null)]
    [InlineData("example.com/v1", "Widget", "7", "[]", null)]
    public void Says_what_an_object_lacks(string apiVersion, string kind, string spec, string status, string? lacks) =>
        Assert.Equal((lacks is null, lacks), (Of(apiVersion, kind, spec, status).IsReady, Of(apiVersion, kind, spec, status).Message));

    [Fact]
    public void What_its_controller_gave_up_has_failed_and_what_is_under_way_has_not()
    {
        Assert.True(Of("batch/v1", "Job", "{}", """{"conditions":[{"type":"Failed","status":"True"}]}""").HasFailed);
        Assert.False(Of("batch/v1", "Job", "{}", "{}").HasFailed);
    }

    [Fact]
    public void What_is_being_deleted_is_not_ready() =>
        Assert.Equal("it is being deleted", Readiness.Of(Object("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","deletionTimestamp":"2026-01-01T00:00:00Z"}}""")).Message);

    private static Readiness Of(string apiVersion, string kind, string spec, string status) =>
        Readiness.Of(Object($$$"""{"apiVersion":"{{{apiVersion}}}","kind":"{{{kind}}}","metadata":{"name":"a","generation":2},"spec":{{{spec}}},"status":{{{status}}}}"""));

    private static DynamicObject Object(string json) => DynamicObject.Parse(Encoding.UTF8.GetBytes(json));
}
