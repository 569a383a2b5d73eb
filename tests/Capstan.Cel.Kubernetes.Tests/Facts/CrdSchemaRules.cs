using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Rules inside a schema, tried on a whole object.</summary>
internal static class CrdSchemaRules
{
    public static string? Judge(JsonNode file, JsonNode fact)
    {
        var schema = fact["schema"]!.DeepClone();
        if ((bool?)fact["optional_old_self"] ?? false)
        {
            foreach (var rule in schema["x-kubernetes-validations"]?.AsArray() ?? [])
            {
                rule!["optionalOldSelf"] = true;
            }
        }

        var rules = SchemaRules.Compile(SchemaReader.FromOpenApiV3((JsonObject)schema), (bool?)fact["is_root"] ?? false);
        var findings = rules.Validate(fact["self"], fact["oldSelf"], new() { Path = "root", Budget = (long?)fact["cost_budget"] });
        var said = string.Join('\n', findings.Errors);
        if (fact["expect"]!["errors_contain"] is not JsonArray pieces)
        {
            return said.Length == 0 ? null : $"expected no error, got {said}";
        }

        var missing = pieces.Select(piece => (string)piece!).FirstOrDefault(piece => !findings.Errors.Any(e => e.ToString().Contains(piece, StringComparison.Ordinal)));
        return missing is null ? null : $"no error says '{missing}': {said}";
    }
}
