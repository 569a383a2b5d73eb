using System.Text.Json.Nodes;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads;
using Capstan.Cluster.Workloads.Hashes;
using Capstan.Cluster.Workloads.Revisions;
using Capstan.Cluster.Workloads.StatefulSets;

namespace Capstan.Cluster.Tests.Workloads.StatefulSets;

public sealed class RevisionDataTests
{
    [Fact]
    public void A_revision_has_the_name_that_kubernetes_gives_it()
    {
        // As a kube-controller-manager 1.36 named it.
        var set = Read("""
            {"metadata":{"name":"db"},"spec":{"template":{"metadata":{"annotations":{"a":"b"},"labels":{"app":"db"}},"spec":{"terminationGracePeriodSeconds":30,"securityContext":{},
            "containers":[{"image":"i:1","imagePullPolicy":"IfNotPresent","name":"c","resources":{"requests":{"cpu":"1"}},"terminationMessagePath":"/dev/termination-log",
            "terminationMessagePolicy":"File","volumeMounts":[{"mountPath":"/data","name":"data"}]}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler"}}}}
            """);
        Assert.Equal("db-6f8dff6c68", RevisionData.Name(set, SafeHash.OfRevision(RevisionData.Text(RevisionData.Of(set.Spec.Template)), 0)));
    }

    [Fact]
    public void What_says_nothing_makes_no_other_revision_and_the_template_comes_back_whole()
    {
        var bare = Read("""{"metadata":{"name":"db"},"spec":{"template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"c","args":["<&>"]}],"volumes":[{"name":"v","emptyDir":{}}]}}}}""");
        var wordy = Read(
            """{"metadata":{"name":"db"},"spec":{"template":{"metadata":{"annotations":{},"creationTimestamp":null,"labels":{"app":"db"}},"spec":{"volumes":[{"emptyDir":{},"name":"v"}],"containers":[{"args":["<&>"],"name":"c","env":[]}]}}}}""");
        var text = RevisionData.Text(RevisionData.Of(bare.Spec.Template));
        Assert.Equal(text, RevisionData.Text(RevisionData.Of(wordy.Spec.Template)));
        Assert.Equal(
            """{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"args":["\u003c\u0026\u003e"],"name":"c"}],"volumes":[{"emptyDir":{},"name":"v"}]}}}}""", text);
        var revision = new ControllerRevision { Data = JsonNode.Parse(text)!.AsObject() };
        Assert.Equal(TemplateText.Of(bare.Spec.Template), TemplateText.Of(RevisionData.TemplateOf(revision)));
    }

    [Theory]
    [InlineData("db-0", 0)]
    [InlineData("db-12", 12)]
    [InlineData("db-012", null)]
    [InlineData("db--1", null)]
    [InlineData("db-", null)]
    [InlineData("other-1", null)]
    [InlineData("db-99999999999", null)]
    public void Only_one_name_is_that_of_an_ordinal(string name, int? ordinal) => Assert.Equal(ordinal, PodIdentity.OrdinalOf(Read("""{"metadata":{"name":"db"}}"""), name));

    private static StatefulSet Read(string json) => DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(json)).To<StatefulSet>();
}
