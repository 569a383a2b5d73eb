using System.Text.Json.Nodes;
using KubeTemplater.Templating;

namespace KubeTemplater.Tests.Templating;

public class ManifestTests
{
    [Theory]
    [InlineData("""{"apiVersion":"v1","metadata":{"name":"a"}}""", "template[4]: object has no kind")]
    [InlineData("""{"apiVersion":"v1","kind":"","metadata":{"name":"a"}}""", "template[4]: object has no kind")]
    [InlineData("""{"apiVersion":"v1","kind":7,"metadata":{"name":"a"}}""", "template[4]: object has no kind")]
    [InlineData("""{"kind":"ConfigMap","metadata":{"name":"a"}}""", "template[4]: ConfigMap has no apiVersion")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap"}""", "template[4]: ConfigMap has no metadata.name")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":[]}""", "template[4]: ConfigMap has no metadata.name")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"a-"}}""", "template[4]: ConfigMap has no metadata.name")]
    [InlineData("[]", "template[4]: object is missing or is no JSON object")]
    [InlineData("null", "template[4]: object is missing or is no JSON object")]
    public void Says_what_an_entry_lacks(string json, string message)
    {
        var thrown = Assert.Throws<TemplateException>(() => Manifest.Read(4, Given.Entry(json), "blue"));

        Assert.Equal((message, FailureReasons.InvalidTemplate), (thrown.Message, thrown.Reason));
    }

    [Fact]
    public void An_absent_object_is_no_object() =>
        Assert.Throws<TemplateException>(() => Manifest.Read(0, new(), "blue"));

    [Fact]
    public void Applied_object_has_namespace_and_tracking_labels_over_what_the_author_wrote()
    {
        var entry = Given.Entry("""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"kubetemplater.io/template-name":"forged","team":"x"}},"data":{"n":"1"}}
            """);

        var applied = Manifest.Read(0, entry, "blue").ToObject(Given.Template(entry), namespaced: true);

        JsonAssert.Equal(
            """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"blue",
             "labels":{"kubetemplater.io/template-name":"shop","kubetemplater.io/template-namespace":"blue","team":"x"}},"data":{"n":"1"}}
            """,
            applied);
    }

    [Fact]
    public void What_a_server_owns_is_left_out_so_that_a_pasted_object_can_be_applied()
    {
        var entry = Given.Entry("""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"blue","uid":"u","resourceVersion":"7","generation":2,
             "creationTimestamp":"2026-01-01T00:00:00Z","managedFields":[{"manager":"kubectl"}]}}
            """);

        var metadata = Manifest.Read(0, entry, "blue").ToObject(Given.Template(entry), namespaced: true)["metadata"]!.AsObject();

        Assert.Equal(["name", "namespace", "labels"], metadata.Select(f => f.Key));
    }

    [Fact]
    public void Cluster_scoped_object_has_no_namespace()
    {
        var entry = Given.Entry("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n","namespace":"blue"}}""");

        Assert.Null(Manifest.Read(0, entry, "blue").ToObject(Given.Template(entry), namespaced: false)["metadata"]!["namespace"]);
    }

    [Theory]
    [InlineData("blue", true, 1)]
    [InlineData("green", true, 0)] // R9: the garbage collector takes an owner in another namespace for absent
    [InlineData("blue", false, 0)]
    public void Owner_is_set_where_Kubernetes_allows_it(string @namespace, bool namespaced, int owners)
    {
        var entry = Given.Entry($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"{{{@namespace}}}"}}""", referenced: true);

        var metadata = Manifest.Read(0, entry, "blue").ToObject(Given.Template(entry), namespaced)["metadata"]!;

        Assert.Equal(owners, (metadata["ownerReferences"] as JsonArray)?.Count ?? 0);
    }

    [Fact]
    public void Owner_joins_those_that_the_author_wrote()
    {
        var entry = Given.Entry(
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"x"}]}}""",
            referenced: true);

        var owners = Manifest.Read(0, entry, "blue").ToObject(Given.Template(entry), namespaced: true)["metadata"]!["ownerReferences"]!.AsArray();

        Assert.Equal(["Pod", "KubeTemplate"], owners.Select(o => (string)o!["kind"]!));
    }

    [Fact]
    public void The_templates_own_json_is_not_changed_by_reading_it()
    {
        var entry = Given.Entry("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"big":12345678901234567890,"x":1.0}}""");
        var before = entry.Object.GetRawText();

        var applied = Manifest.Read(0, entry, "blue").ToObject(Given.Template(entry), namespaced: true);

        Assert.Equal(before, entry.Object.GetRawText());
        Assert.Equal("""{"big":12345678901234567890,"x":1.0}""", applied["data"]!.ToJsonString());
    }
}
