using System.Text.Json.Nodes;
using Capstan.Schemas;
using Xunit;

namespace Capstan.Objects.Tests.Schemas;

/// <summary>Replays what a real kube-apiserver answered to custom resources against defaulting, pruning and validation alone.</summary>
public class RecordedCustomResourceTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("cr-defaults", 6)]
    [InlineData("cr-embedded-resource", 9)]
    [InlineData("cr-lists", 13)]
    [InlineData("cr-one-of-any-of-all-of-not", 12)]
    [InlineData("cr-pruning-and-field-validation", 4)]
    [InlineData("cr-string-formats", 13)]
    [InlineData("cr-strings", 13)]
    public void Objects_are_judged_as_Kubernetes_judged_them(string conversation, int least)
    {
        Assert.SkipWhen(Recorded.Directory is null, "the recordings of a real kube-apiserver are not on this machine");
        var checkedSteps = 0;
        Schema? schema = null;
        foreach (var (request, response) in Recorded.Posts(Path.Combine("crd", conversation + ".json")))
        {
            var body = request["body"]!.AsObject();
            if (body["kind"]!.GetValue<string>() == "CustomResourceDefinition")
            {
                schema = SchemaReader.FromOpenApiV3(body["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject());
                continue;
            }

            var answer = response["body"]!.AsObject();
            var code = response["code"]!.GetValue<int>();
            if (code == 400 || request["path"]!.GetValue<string>().Contains("Loose", StringComparison.Ordinal))
            {
                continue;
            }

            Compare(body.DeepClone().AsObject(), schema!, answer, code);
            checkedSteps++;
        }

        output.WriteLine($"{checkedSteps} objects");
        Assert.True(checkedSteps >= least, $"only {checkedSteps} objects compared");
    }

    private void Compare(JsonObject value, Schema schema, JsonObject answer, int code)
    {
        Pruning.Prune(value, schema, isRoot: true, null);
        Defaulting.Apply(value, schema);
        var errors = new List<FieldError>();
        Validation.Check(value, schema, "", errors);
        output.WriteLine($"{value["metadata"]!["name"]}: {string.Join(", ", errors)}");
        if (code == 201)
        {
            Assert.Empty(errors);
            Assert.True(JsonNode.DeepEquals(answer["spec"], value["spec"]), $"expected {answer["spec"]?.ToJsonString()}, got {value["spec"]?.ToJsonString()}");
            return;
        }

        var causes = answer["details"]!["causes"]!.AsArray().Select(cause => $"{cause!["reason"]} {cause["field"]}: {cause["message"]}").Order(StringComparer.Ordinal);
        var found = errors.Select(error => $"{error.Reason} {error.Field}: {error.Message}").Select(MaskTimes).Order(StringComparer.Ordinal);
        Assert.Equal(causes, found);
    }

    // Times are masked in the recordings.
    private static string MaskTimes(string text) => text.Replace("2024-13-01T00:00:00Z", "<time>", StringComparison.Ordinal);
}
