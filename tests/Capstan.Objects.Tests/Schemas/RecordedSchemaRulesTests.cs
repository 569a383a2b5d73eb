using System.Text.Json.Nodes;
using Capstan.Schemas;
using Xunit;

namespace Capstan.Objects.Tests.Schemas;

/// <summary>Schemas of CustomResourceDefinitions, judged as a real kube-apiserver judged them.</summary>
public class RecordedSchemaRulesTests(ITestOutputHelper output)
{
    private const string Root = "spec.validation.openAPIV3Schema";

    [Theory]
    [InlineData("crd-extensions-invalid", 15)]
    [InlineData("crd-schema-forbidden-constructs", 15)]
    [InlineData("crd-schema-missing-or-not-structural", 11)]
    [InlineData("crd-value-rules-invalid", 9)]
    public void Schemas_are_judged_as_Kubernetes_judged_them(string conversation, int least)
    {
        Assert.SkipWhen(Recorded.Directory is null, "the recordings of a real kube-apiserver are not on this machine");
        var compared = 0;
        foreach (var (request, response) in Recorded.Posts(Path.Combine("crd", conversation + ".json")))
        {
            var code = response["code"]!.GetValue<int>();
            if (request["body"]?["spec"]?["versions"]?[0]?["schema"]?["openAPIV3Schema"] is not JsonObject schema || code == 400
                || request["body"]!["spec"]!["preserveUnknownFields"] is not null)
            {
                continue;
            }

            var causes = response["body"]!["details"]?["causes"]?.AsArray() ?? [];
            var expected = causes.Select(cause => $"{cause!["reason"]} {cause["field"]}: {cause["message"]}").Order(StringComparer.Ordinal).ToList();
            var found = StructuralRules.Check(schema, Root).Select(error => $"{error.Reason} {error.Field}: {error.Message}").ToList();
            output.WriteLine($"{schema.ToJsonString()}\n  {string.Join("\n  ", found)}");
            Assert.Equal(expected, found.Order(StringComparer.Ordinal));
            compared++;
        }

        Assert.True(compared >= least, $"only {compared} schemas compared");
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"n":{"type":"integer","default":"x"}}}""", "~.properties[n].default: Invalid value: \"string\":  in body must be of type integer: \"string\"")]
    [InlineData("""{"type":"object","properties":{"o":{"type":"object","properties":{"a":{"type":"integer"}},"default":{"b":1}}}}""", "~.properties[o].default: Invalid value: {\"b\":1}: must not have unknown fields")]
    [InlineData("""{"type":"object","properties":{"o":{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}},"default":{}}}}""", "~.properties[o].default.a: Required value")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""", "~.additionalProperties: Forbidden: must not be used at the root")]
    [InlineData("""{"type":"object","nullable":true}""", "~.nullable: Forbidden: nullable cannot be true at the root")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"anyOf":[{"required":["a"],"properties":{"b":{"minLength":1}}}]}""", "~.properties[b]: Required value: because it is defined in ~.anyOf[0].properties[b]")]
    [InlineData("""{"type":"object","properties":{"p":{"x-kubernetes-int-or-string":true,"x-kubernetes-preserve-unknown-fields":true}}}""", "~.properties[p].x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true")]
    [InlineData("""{"type":"object","properties":{"p":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]}}}""", null)]
    [InlineData("""{"type":"object","properties":{"metadata":{"type":"object","properties":{"name":{"type":"string","maxLength":9}}}}}""", null)]
    public void Rules_that_no_recording_shows(string schema, string? expected)
    {
        var found = StructuralRules.Check(JsonNode.Parse(schema)!.AsObject(), "~").Select(error => error.ToString());
        Assert.Equal(expected is null ? [] : [expected], found);
    }
}
