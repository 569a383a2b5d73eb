using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>What the schema of a CustomResourceDefinition must obey so that values can be pruned, defaulted and applied (KEP-95, and the rules of lists and maps).</summary>
public static class StructuralRules
{
    /// <summary>Faults of <paramref name="openApiV3Schema"/>, in the order in which Kubernetes reports them; <paramref name="path"/> is where it stands,
    /// for example <c>spec.validation.openAPIV3Schema</c>. Rules in CEL are not compiled here.</summary>
    public static IEnumerable<FieldError> Check(JsonObject openApiV3Schema, string path)
    {
        var errors = new List<FieldError>();
        if (IsTrue(openApiV3Schema["nullable"]))
        {
            errors.Add(FieldErrors.Forbidden($"{path}.nullable", "nullable cannot be true at the root"));
        }

        var constructs = new List<FieldError>();
        SchemaConstructs.Check(openApiV3Schema, path, constructs);

        // What cannot be read as a structural schema is not judged as one.
        if (!SchemaConstructs.HasUnreadable(openApiV3Schema))
        {
            var structure = new List<FieldError>();
            StructuralForm.Check(openApiV3Schema, path, structure);
            errors.AddRange(structure.OrderBy(error => error.ToString(), StringComparer.Ordinal));
            if (structure.Count == 0)
            {
                DefaultRules.Check(SchemaReader.FromOpenApiV3(openApiV3Schema), path, insideHeader: false, isRoot: true, errors);
            }
        }

        errors.AddRange(constructs);
        return errors;
    }

    /// <summary>Formats in <paramref name="openApiV3Schema"/>, at any depth, that are not checked: Kubernetes takes them and warns. In the order in which they stand.</summary>
    public static IEnumerable<string> UncheckedFormats(JsonObject openApiV3Schema)
    {
        var format = Text(openApiV3Schema["format"]);
        var own = format.Length > 0 && !Formats.IsChecked(format, Text(openApiV3Schema["type"])) ? (string[])[format] : [];
        return own.Concat(SchemaConstructs.Inner(openApiV3Schema, "").SelectMany(inner => UncheckedFormats(inner.Schema)));
    }

    internal static bool IsTrue(JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    internal static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    internal static IEnumerable<(string Name, JsonObject Schema)> Properties(JsonObject schema) =>
        (schema["properties"] as JsonObject ?? []).Select(field => (field.Key, field.Value as JsonObject ?? []));

    internal static IEnumerable<(string Path, JsonObject Schema)> Alternatives(JsonObject schema, string junctor, string path) =>
        (schema[junctor] as JsonArray ?? []).Select((one, i) => ($"{path}.{junctor}[{i}]", one as JsonObject ?? []));
}
