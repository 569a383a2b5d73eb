using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Whether a rule and its message expression compile for a schema, and what is said where they do not.</summary>
internal static class CrdCompile
{
    public static string? Judge(JsonNode file, JsonNode fact)
    {
        var expect = fact["expect"]!;
        var schema = (JsonObject)fact["schema"]!.DeepClone();
        var rule = new JsonObject { ["rule"] = (string)fact["rule"]! };
        foreach (var member in new[] { "message", "messageExpression", "optionalOldSelf", "fieldPath", "reason" })
        {
            if (fact[member] is { } value)
            {
                rule[member] = value.DeepClone();
            }
        }

        schema["x-kubernetes-validations"] = new JsonArray(rule);
        var rules = SchemaRules.Compile(SchemaReader.FromOpenApiV3(schema), (bool?)fact["is_root"] ?? false);
        var faults = rules.Faults.Where(f => !f.Field.EndsWith(".messageExpression", StringComparison.Ordinal)).ToList();
        var messageFaults = string.Join('\n', rules.Faults.Except(faults));
        var said = string.Join('\n', faults);
        if ((bool)expect["compiles"]! != (said.Length == 0))
        {
            return said.Length == 0 ? "compiles" : said;
        }

        if (expect["error_contains"] is { } piece && !said.Contains((string)piece!, StringComparison.Ordinal))
        {
            return said;
        }

        // Of a rule that compiles it shows in whether it waits for an old value.
        if (said.Length == 0 && rules.UsesOldSelf != ((bool?)expect["uses_old_self"] ?? false))
        {
            return "is wrong about oldSelf";
        }

        var wanted = (string?)expect["message_expression_error_contains"];
        return wanted is null ? (messageFaults.Length == 0 ? null : messageFaults)
            : messageFaults.Contains(wanted, StringComparison.Ordinal) ? null : $"no fault of the message expression says '{wanted}': {messageFaults}";
    }
}
