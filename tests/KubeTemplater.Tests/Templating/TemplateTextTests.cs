using System.Text;
using Capstan;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Tests.Templating;

/// <summary>Reading without decoding finds what decoding finds.</summary>
public sealed class TemplateTextTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"spec":null,"status":null}""")]
    [InlineData("""{"spec":{"templates":[]},"status":{}}""")]
    [InlineData("""{"spec":{"templates":[{"object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}},{"object":{"metadata":{"namespace":"green","name":"b"},"kind":"Deployment","apiVersion":"apps/v1"}}]}}""")]
    [InlineData("""{"spec":{"templates":[{"id":"x","object":{"apiVersion":"v1","kind":"","metadata":{"name":"a"}}},{"object":{"apiVersion":"v1","kind":"K","metadata":null}},{"object":{"apiVersion":7,"kind":"K","metadata":{"name":"n"}}}]}}""")]
    [InlineData("""{"spec":{"suspend":true,"templates":[{"object":[1,2],"id":"x"},{"object":{"spec":{"metadata":{"name":"inner"}},"apiVersion":"v1","kind":"K","metadata":{"labels":{"name":"l"},"name":"\u0061\u00e4"}}}]}}""")]
    [InlineData("""{"status":{"conditions":[{"type":"T","status":"True","processingPhase":"No"}],"observedGeneration":3,"processingPhase":"Completed","resources":[{"id":"0","group":"","version":"v1","kind":"ConfigMap","name":"a","uid":"u"}]}}""")]
    public void Objects_phase_and_record_are_those_of_the_decoded_template(string body)
    {
        var json = """{"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplate","metadata":{"name":"shop","namespace":"blue"}""" + (body == "{}" ? "}" : $",{body[1..]}");
        var stored = DynamicObject.Parse(Encoding.UTF8.GetBytes(json));
        var decoded = body.Contains("\"spec\":null", StringComparison.Ordinal) ? new KubeTemplate() : stored.To<KubeTemplate>();

        Assert.Equal(Manifest.ReadAll(decoded with { Metadata = new() { Namespace = "blue" } }).Select(manifest => (manifest.Kind, manifest.Key)), TemplateText.ObjectsOf(stored));
        Assert.Equal(decoded.Status?.ProcessingPhase, TemplateText.PhaseOf(stored));
        Assert.Equal(decoded.Status?.ObservedGeneration, TemplateText.ObservedGenerationOf(stored));
        Assert.Equal(decoded.Spec.Suspend == true, TemplateText.IsSuspended(stored));
        Assert.Equal(decoded.Status?.Resources ?? [], TemplateText.RecordOf(stored));
    }
}
