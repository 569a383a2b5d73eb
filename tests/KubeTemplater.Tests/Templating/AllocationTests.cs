using System.Text;
using Capstan;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Tests.Templating;

/// <summary>What is done for each template, or at each change of one, takes no more memory than what comes of it.</summary>
public sealed class AllocationTests(ITestOutputHelper output)
{
    private static readonly DynamicObject _stored = DynamicObject.Parse(Encoding.UTF8.GetBytes("""
        {"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplate","metadata":{"generation":1,"name":"shop","namespace":"blue","resourceVersion":"7","uid":"u"},
         "spec":{"templates":[{"object":{"apiVersion":"v1","data":{"mode":"fast","owner":"ann"},"kind":"ConfigMap","metadata":{"labels":{"app":"shop"},"name":"shop-a"}}},
                              {"object":{"apiVersion":"v1","data":{"mode":"fast","owner":"ann"},"kind":"ConfigMap","metadata":{"labels":{"app":"shop"},"name":"shop-b"}}}]},
         "status":{"processingPhase":"Completed","resources":[
            {"group":"","id":"0","kind":"ConfigMap","name":"shop-a","namespace":"blue","state":"Applied","uid":"a","version":"v1","appliedHash":"1"},
            {"group":"","id":"1","kind":"ConfigMap","name":"shop-b","namespace":"blue","state":"Applied","uid":"b","version":"v1","appliedHash":"2"}]}}
        """));

    private readonly KubeTemplate _template = _stored.To<KubeTemplate>();

    [Fact]
    public void The_hash_of_a_spec() => Takes(1000, () => SpecHash.Of(_template.Spec));

    [Fact]
    public void The_body_of_an_apply()
    {
        var manifest = Manifest.ReadAll(_template)[0];

        Takes(1000, () => ManifestBody.Of(manifest, _template, namespaced: true));
    }

    [Fact]
    public void The_order_of_entries_that_do_not_wait_for_each_other()
    {
        var manifests = Manifest.ReadAll(_template);

        Takes(900, () =>
        {
            _ = Plan.Faults(_template.Spec.Templates, manifests);
            _ = Plan.Of(manifests);
        });
    }

    [Fact]
    public void The_objects_that_a_template_names() => Takes(1000, () => TemplateText.ObjectsOf(_stored));

    [Fact]
    public void The_objects_that_a_template_has_on_record() => Takes(2000, () => TemplateText.RecordOf(_stored));

    [Fact]
    public void The_phase_of_a_template() => Takes(100, () => TemplateText.PhaseOf(_stored));

    [Fact]
    public void What_the_cache_holds_of_a_template_is_its_text_without_managedFields_and_a_header()
    {
        var managed = Encoding.UTF8.GetString(_stored.Json.Span).Replace("\"name\":\"shop\",", $"\"name\":\"shop\",\"managedFields\":[{{\"manager\":\"{new string('m', 4000)}\"}}],", StringComparison.Ordinal);
        var sent = Encoding.UTF8.GetBytes(managed);

        Takes(_stored.Json.Length + 450, () => DynamicObject.CopyFrom(sent, KubeTemplate.Resource, withoutManagedFields: true));
    }

    private void Takes(long bytes, Action action)
    {
        for (var round = 0; round < 100; round++)
        {
            action();
        }

        var taken = Allocated.By(action);
        output.WriteLine($"{taken} bytes");
        Assert.InRange(taken, 1, bytes);
    }
}
