using Capstan.Cluster.Manifests;
using Capstan.Yaml;

namespace Capstan.Cluster.Tests.Manifests;

public sealed class ManifestReaderTests
{
    [Fact]
    public void Documents_and_items_of_lists_are_objects_in_order()
    {
        var found = ManifestReader.Read(
            """
            # a comment alone is no document
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
            ---
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Secret, metadata: {name: b, namespace: other}}
            - {apiVersion: apps/v1, kind: Deployment, metadata: {name: c}}
            """,
            "test");
        Assert.Equal(["ConfigMap a", "Secret other/b", "Deployment c"], found.Select(one => one.ToString()));
    }

    [Theory]
    [InlineData("- a\n- b", "test: document 1 is not an object")]
    [InlineData("kind: ConfigMap", "test: document 1 has no apiVersion or no kind")]
    [InlineData("apiVersion: 1\nkind: ConfigMap", "test: document 1 has no apiVersion or no kind")]
    [InlineData("{apiVersion: v1, kind: ConfigMap}", "test: document 1 (ConfigMap) has no metadata.name")]
    [InlineData("{apiVersion: v1, kind: List, items: [{kind: X}]}", "test: document 1, item 1 has no apiVersion or no kind")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\nkind: X", "test: document 2 has no apiVersion or no kind")]
    public void What_is_no_object_is_refused_with_its_place(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => ManifestReader.Read(text, "test")).Message);

    [Fact]
    public void What_does_not_parse_is_refused_with_line_and_column() =>
        Assert.StartsWith("test:2:", Assert.Throws<YamlFormatException>(() => ManifestReader.Read("a: 1\nb: c: d", "test")).Message, StringComparison.Ordinal);
}
