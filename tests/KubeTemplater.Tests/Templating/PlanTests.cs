using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Tests.Templating;

public class PlanTests
{
    [Fact]
    public void Namespaces_come_first_then_definitions_then_the_rest_in_one_step()
    {
        var plan = Plan.Of(Read(
            Entry("ConfigMap", "a"), Entry("CustomResourceDefinition", "d", "apiextensions.k8s.io/v1"), Entry("Secret", "b"), Entry("Namespace", "n")));

        Assert.Equal(["3", "1", "0 2"], Steps(plan));
    }

    [Fact]
    public void Dependencies_make_steps()
    {
        var plan = Plan.Of(Read(
            Entry("ConfigMap", "c", dependsOn: ["second"]), Entry("ConfigMap", "a"), Entry("ConfigMap", "b", id: "second", dependsOn: ["1"]), Entry("ConfigMap", "free")));

        Assert.Equal(["1 3", "second", "0"], Steps(plan));
    }

    [Fact]
    public void A_namespace_that_depends_on_an_object_comes_after_it_and_its_own_objects_after_it()
    {
        var plan = Plan.Of(Read(Entry("ConfigMap", "inside", @namespace: "n"), Entry("Namespace", "n", dependsOn: ["2"]), Entry("ConfigMap", "before"), Entry("Namespace", "other")));

        Assert.Equal(["3", "2", "1", "0"], Steps(plan));
    }

    [Fact]
    public void An_object_waits_for_its_namespace_and_a_custom_resource_for_its_definition()
    {
        var manifests = Read(
            Entry("Widget", "w", "example.com/v1", @namespace: "n"),
            Entry("Namespace", "n"),
            Given.Entry("""{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com","names":{"kind":"Widget"}}}"""),
            Entry("ConfigMap", "elsewhere"));

        var plan = Plan.Of(manifests);

        Assert.Equal(["2", "1"], plan.NeedsOf(manifests[0]).Select(m => m.Id));
        Assert.Empty(plan.NeedsOf(manifests[3]));
        Assert.Equal([false, false, true, false], manifests.Select(plan.MustBeReady));
    }

    [Fact]
    public void Every_mistake_in_ids_and_dependencies_is_named()
    {
        TemplateEntry[] entries =
        [
            Entry("ConfigMap", "a", id: "x"), Entry("ConfigMap", "b", id: "x"), Entry("ConfigMap", "c", dependsOn: ["nowhere"]), Entry("ConfigMap", "c"), Entry("ConfigMap", "d", id: "1"),
        ];

        var faults = Plan.Faults(entries, Read(entries));

        Assert.All(faults, fault => Assert.Equal(FailureReasons.InvalidTemplate, fault.Reason));
        Assert.Equal(
            ["duplicate id x", "template[2], template[3]: the same object, ConfigMap blue/c", "template[2] ConfigMap blue/c: dependsOn names no entry: nowhere"],
            faults.Select(fault => fault.Message));
    }

    [Fact]
    public void An_id_that_is_the_place_of_another_entry_is_a_duplicate() =>
        Assert.Equal("duplicate id 1", Assert.Single(Faults(Entry("ConfigMap", "a", id: "1"), Entry("ConfigMap", "b"))));

    [Fact]
    public void An_object_named_in_two_versions_or_with_a_namespace_that_its_kind_does_not_have_is_the_same()
    {
        TemplateEntry[] entries = [Entry("ClusterThing", "a", "example.com/v1", @namespace: "one"), Entry("ClusterThing", "a", "example.com/v2", @namespace: "two")];

        Assert.Empty(Plan.Faults(entries, Read(entries)));
        Assert.Equal(
            "template[0], template[1]: the same object, ClusterThing a",
            Assert.Single(Plan.Faults(entries, [.. Read(entries).Select(m => m with { Namespaced = false })])).Message);
    }

    [Fact]
    public void A_cycle_is_named_from_end_to_end() =>
        Assert.Equal(
            "dependsOn is a cycle: a -> b -> c -> a",
            Assert.Single(Faults(
                Entry("ConfigMap", "1", id: "a", dependsOn: ["b"]), Entry("ConfigMap", "2", id: "b", dependsOn: ["c"]), Entry("ConfigMap", "3", id: "c", dependsOn: ["a"]), Entry("ConfigMap", "4", dependsOn: ["a"]))));

    [Fact]
    public void An_entry_that_depends_on_itself_and_a_namespace_that_waits_for_what_is_in_it_are_cycles()
    {
        Assert.Equal("dependsOn is a cycle: a -> a", Assert.Single(Faults(Entry("ConfigMap", "1", id: "a", dependsOn: ["a"]))));
        Assert.Equal("dependsOn is a cycle: 0 -> 1 -> 0", Assert.Single(Faults(Entry("Namespace", "n", dependsOn: ["1"]), Entry("ConfigMap", "a", @namespace: "n"))));
    }

    [Fact]
    public void A_chain_of_all_entries_is_no_cycle_however_it_is_written()
    {
        var entries = Enumerable.Range(0, 50).Select(i => Entry("ConfigMap", $"c{i}", dependsOn: [.. Enumerable.Range(i + 1, 49 - i).Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture))])).ToArray();

        Assert.Empty(Faults(entries));
        Assert.Equal(50, Plan.Of(Read(entries)).Steps.Count);
    }

    private static List<string> Steps(Plan plan) => [.. plan.Steps.Select(step => string.Join(' ', step.Select(m => m.Id)))];

    private static IEnumerable<string> Faults(params TemplateEntry[] entries) => Plan.Faults(entries, Read(entries)).Select(fault => fault.Message);

    private static List<Manifest> Read(params TemplateEntry[] entries) => [.. entries.Select((entry, index) => Manifest.Read(index, entry, "blue"))];

    private static TemplateEntry Entry(string kind, string name, string apiVersion = "v1", string @namespace = "blue", string? id = null, string[]? dependsOn = null) =>
        Given.Entry($$$"""{"apiVersion":"{{{apiVersion}}}","kind":"{{{kind}}}","metadata":{"name":"{{{name}}}","namespace":"{{{@namespace}}}"}}""") with
        {
            Id = id,
            DependsOn = dependsOn is null ? null : [.. dependsOn],
        };
}
