using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>A rule that holds over a typed object, and exactly what it costs. The objects are whole resources.</summary>
internal static class CrdRuntimeCost
{
    public static string? Judge(JsonNode file, JsonNode fact)
    {
        var schema = (JsonObject)fact["schema"]!.DeepClone();
        schema["x-kubernetes-validations"] = new JsonArray(new JsonObject { ["rule"] = (string)fact["expr"]! });
        var rules = SchemaRules.Compile(SchemaReader.FromOpenApiV3(schema), (bool?)fact["is_root"] ?? true);
        var findings = rules.Validate(fact["self"], fact["oldSelf"]);
        var cost = SchemaRules.DefaultBudget - findings.RemainingBudget;
        var expected = (long)fact["runtime_cost"]!;
        return findings.Errors.Count > 0 ? string.Join('\n', findings.Errors)
            : cost == expected ? null : $"cost {cost}, expected {expected}";
    }
}
