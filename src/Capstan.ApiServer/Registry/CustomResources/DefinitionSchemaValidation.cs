using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>Faults of the schema of a CustomResourceDefinition beyond those that make it not structural, and of what refers to the schema.</summary>
internal static class DefinitionSchemaValidation
{
    private const int MaxSelectableFields = 8;

    // With a status subresource, the root may only say what can be judged without the status.
    private static readonly string[] RootFields =
    [
        "description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems",
        "minItems", "uniqueItems", "multipleOf", "required", "items", "properties", "externalDocs", "example", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
    ];

    /// <summary>Adds the faults of a schema; <paramref name="path"/> is where its wrapper stands.</summary>
    public static void Check(JsonObject? schema, bool hasStatus, string path, ICollection<FieldError> errors)
    {
        if (schema is null)
        {
            return;
        }

        var at = $"{path}.openAPIV3Schema";
        if (hasStatus && schema.FirstOrDefault(f => f.Value is not null && !RootFields.Contains(f.Key)) is { Key: not null })
        {
            errors.Add(FieldErrors.Invalid(at, schema, "only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength"
                + " Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]"
                + " fields are allowed at the root of the schema if the status subresource is enabled"));
        }

        if (schema.Flag("nullable") == true)
        {
            errors.Add(FieldErrors.Forbidden($"{at}.nullable", "nullable cannot be true at the root"));
        }

        var structural = StructuralRules.Check(schema, at).ToList();
        foreach (var error in structural)
        {
            errors.Add(error);
        }

        // Rules are typed by the schema: of one that is none nothing can be said.
        if (structural.Count == 0)
        {
            var rules = SchemaRules.Compile(SchemaReader.FromOpenApiV3(schema), path: at);
            foreach (var error in rules.Faults.Concat(rules.EstimateCosts()))
            {
                errors.Add(error);
            }
        }
    }

    /// <summary>Adds the faults of a version's selectable fields.</summary>
    public static void CheckSelectableFields(JsonNode? version, string path, ICollection<FieldError> errors)
    {
        var fields = version.Items("selectableFields");
        var schema = version.Map("schema", "openAPIV3Schema");
        HashSet<string> seen = [];
        for (var i = 0; i < fields.Count; i++)
        {
            var at = $"{path}[{i}].jsonPath";
            var jsonPath = fields[i].Text("jsonPath") ?? "";
            if (jsonPath.Length == 0)
            {
                errors.Add(FieldErrors.Required(at));
                continue;
            }

            if (FindPath(jsonPath, schema, out var fault) is not { } field)
            {
                errors.Add(FieldErrors.Invalid(at, jsonPath, $"is an invalid path: {fault}"));
                continue;
            }

            if (jsonPath.StartsWith(".metadata.", StringComparison.Ordinal) || jsonPath == ".metadata")
            {
                errors.Add(FieldErrors.Invalid(at, jsonPath, "must not point to fields in metadata"));
            }

            if (field.Text("type") is not ("string" or "boolean" or "integer"))
            {
                errors.Add(FieldErrors.Invalid(at, jsonPath, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed."));
            }

            if (!seen.Add(jsonPath))
            {
                errors.Add(FieldErrors.Duplicate(at, jsonPath));
            }
        }

        if (seen.Count > MaxSelectableFields)
        {
            errors.Add(FieldErrors.TooMany(path, seen.Count, MaxSelectableFields));
        }
    }

    private static JsonNode? FindPath(string jsonPath, JsonNode? schema, out string fault)
    {
        fault = "";
        if (jsonPath[0] != '.')
        {
            fault = $"expected [ or . but got: {jsonPath}";
            return null;
        }

        foreach (var name in jsonPath[1..].Split('.'))
        {
            schema = schema.Map("properties", name) ?? schema.Map("additionalProperties") ?? (name == "metadata" ? new JsonObject { ["type"] = "object" } : null);
            if (schema is null)
            {
                fault = "does not refer to a valid field";
                return null;
            }
        }

        return schema;
    }
}
