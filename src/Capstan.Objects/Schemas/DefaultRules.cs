using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>Defaults must be values that their own schema takes, without unknown fields.</summary>
internal static class DefaultRules
{
    public static void Check(Schema schema, string path, bool insideHeader, bool isRoot, List<FieldError> errors)
    {
        if (schema.Default is not null && !insideHeader)
        {
            CheckDefault(schema.Default, schema, $"{path}.default", errors);
        }

        if (schema.Items is { } items)
        {
            Check(items, $"{path}.items", insideHeader, isRoot: false, errors);
        }

        foreach (var (name, field) in schema.Properties ?? new Dictionary<string, Schema>())
        {
            var isHeader = (isRoot || schema.EmbeddedResource) && name is "metadata" or "apiVersion" or "kind";
            Check(field, $"{path}.properties[{name}]", isHeader || (insideHeader && !schema.EmbeddedResource), isRoot: false, errors);
        }
    }

    private static void CheckDefault(JsonNode value, Schema schema, string path, List<FieldError> errors)
    {
        var unknown = new List<string>();
        Pruning.Prune(value.DeepClone(), schema, schema.EmbeddedResource, unknown);
        if (unknown.Count > 0)
        {
            errors.Add(FieldErrors.Invalid(path, value, "must not have unknown fields"));
        }

        var embedded = new Findings();
        EmbeddedCheck.Run(value, schema, path, schema.EmbeddedResource, embedded);
        errors.AddRange(embedded.Errors);
        if (embedded.IsValid)
        {
            // Kubernetes' message does not know where the value stands, only the field does.
            var findings = new Findings();
            SchemaCheck.Run(value, schema, "", findings);
            errors.AddRange(findings.Errors.Select(error => error with { Field = error.Field is "<nil>" or "" ? path : $"{path}.{error.Field}" }));
        }
    }
}
