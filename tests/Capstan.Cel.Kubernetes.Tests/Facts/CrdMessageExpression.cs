using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>The message that is told when a rule fails, and the budget that is left.</summary>
internal static class CrdMessageExpression
{
    public static string? Judge(JsonNode file, JsonNode fact)
    {
        var schema = (JsonObject)fact["schema"]!.DeepClone();
        schema["x-kubernetes-validations"] = new JsonArray(new JsonObject
        {
            ["rule"] = (string)fact["rule"]!,
            ["message"] = (string?)fact["message"] ?? "",
            ["messageExpression"] = (string?)fact["messageExpression"] ?? "",
        });
        var rules = SchemaRules.Compile(SchemaReader.FromOpenApiV3(schema), (bool?)fact["is_root"] ?? false);
        var findings = rules.Validate(fact["self"], null, new() { Path = "root", Budget = (long?)fact["cost_budget"] });
        var said = string.Join('\n', findings.Errors);
        var remarks = string.Join('\n', findings.Remarks);
        return fact["expect_error_contains"] is { } piece && !said.Contains((string)piece!, StringComparison.Ordinal) ? $"expected '{piece}', got '{said}'"
            : fact["expect_log_contains"] is { } remark && !remarks.Contains((string)remark!, StringComparison.Ordinal) ? $"expected the remark '{remark}', got '{remarks}'"
            : fact["expect_remaining_budget"] is { } budget && (long)budget! != findings.RemainingBudget
                ? $"expected {budget} left of the budget, got {findings.RemainingBudget}"
            : null;
    }
}
