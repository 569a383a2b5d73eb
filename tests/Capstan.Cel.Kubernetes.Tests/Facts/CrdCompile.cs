using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes.Rules;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Whether a rule and its message expression compile for a schema, and what is said where they do not.</summary>
internal static class CrdCompile
{
    public static string? Judge(JsonNode file, JsonNode fact)
    {
        var expect = fact["expect"]!;
        var schema = (JsonObject)fact["schema"]!.DeepClone();
        var written = new JsonObject();
        foreach (var member in new[] { "rule", "message", "messageExpression", "optionalOldSelf", "fieldPath", "reason" })
        {
            written[member] = fact[member]?.DeepClone();
        }

        schema["x-kubernetes-validations"] = new JsonArray(written);
        var node = RuleNode.Of(SchemaReader.FromOpenApiV3(schema), (bool?)fact["is_root"] ?? false)!;
        if (node.Fault is { } fault)
        {
            return fault;
        }

        var rule = node.Rules[0];
        if ((bool)expect["compiles"]! != rule.Error is null)
        {
            return rule.Error ?? "compiles";
        }

        if (rule.Error is { } error)
        {
            return FactExpectation.MissingIn(expect, error) is { } piece ? $"does not say '{piece}': {error}" : null;
        }

        var wanted = new JsonObject { ["error_contains"] = expect["message_expression_error_contains"]?.DeepClone() };
        return rule.UsesOldSelf != ((bool?)expect["uses_old_self"] ?? false) ? "is wrong about oldSelf"
            : wanted["error_contains"] is null ? rule.MessageError
            : FactExpectation.MissingIn(wanted, rule.MessageError ?? "") is { } missing ? $"does not say '{missing}' of the message: {rule.MessageError}"
            : null;
    }
}
