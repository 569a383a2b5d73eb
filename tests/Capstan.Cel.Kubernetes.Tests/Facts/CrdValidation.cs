using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>A rule over a typed object: its value, or the error of compiling or running it.</summary>
internal static class CrdValidation
{
    private const string CompileError = "rule compile error: ";

    public static string? Judge(JsonNode file, JsonNode fact)
    {
        var expect = fact["expect"]!;
        var schema = (JsonObject)fact["schema"]!.DeepClone();
        schema["x-kubernetes-validations"] = new JsonArray(new JsonObject { ["rule"] = (string)fact["expr"]! });
        var rules = SchemaRules.Compile(SchemaReader.FromOpenApiV3(schema), (bool?)fact["is_root"] ?? false);
        var findings = rules.Validate(fact["self"], fact["oldSelf"]);
        var message = string.Join('\n', findings.Errors);
        if ((bool?)fact["expect_skipped"] ?? false)
        {
            return message.Length > 0 ? message : findings.RemainingBudget == SchemaRules.DefaultBudget ? null : "was run";
        }

        if (message.Length > 0)
        {
            return FactExpectation.JudgeError(expect, message.Contains(CompileError, StringComparison.Ordinal) ? "compile" : "runtime", message);
        }

        var cost = SchemaRules.DefaultBudget - findings.RemainingBudget;
        if (fact["runtime_cost"] is { } wanted && cost != (long)wanted!)
        {
            return $"cost {cost}, expected {wanted}";
        }

        return expect["value"] is null ? $"expected {expect.ToJsonString()}, and there is no error" : JudgeDocument(fact, SchemaReader.FromOpenApiV3(schema), expect);
    }

    // The same over a document instead of nodes, and without the rules around it.
    private static string? JudgeDocument(JsonNode fact, Schema schema, JsonNode expect)
    {
        var isRoot = (bool?)fact["is_root"] ?? false;
        var type = SchemaTypes.Of(schema, isRoot)!;
        var program = KubernetesEnvironment.Default.WithVariable("self", type).WithVariable("oldSelf", type).Compile((string)fact["expr"]!);
        var values = new[] { fact["self"], fact["oldSelf"] }.Select(json => SchemaValue.Of(FactValue.Of(json), schema, isRoot));
        return FactExpectation.Judge(expect, program.Evaluate([.. values]).Value);
    }
}
