using System.Text.Json.Nodes;
using static Capstan.Schemas.StructuralRules;

namespace Capstan.Schemas;

/// <summary>The form of a structural schema: every field has one type, told outside of anyOf, oneOf, allOf and not, which only narrow values.</summary>
internal static class StructuralForm
{
    private enum Level
    {
        Root,
        Item,
        Field,
    }

    public static void Check(JsonObject schema, string path, List<FieldError> errors)
    {
        CheckNode(schema, Level.Root, path, errors);
        CheckComplete(schema, schema, path, path, errors);
    }

    private static void CheckNode(JsonObject schema, Level level, string path, List<FieldError> errors)
    {
        var type = Text(schema["type"]);
        if (schema["items"] is JsonObject items)
        {
            CheckNode(items, Level.Item, $"{path}.items", errors);
        }
        else if (type == "array")
        {
            errors.Add(FieldErrors.Required($"{path}.items", "must be specified"));
        }

        foreach (var (name, field) in Properties(schema))
        {
            CheckNode(field, Level.Field, $"{path}.properties[{name}]", errors);
        }

        if (schema["additionalProperties"] is { } additional)
        {
            if (level == Level.Root)
            {
                errors.Add(FieldErrors.Forbidden($"{path}.additionalProperties", "must not be used at the root"));
            }

            if (additional is JsonObject values)
            {
                CheckNode(values, Level.Field, $"{path}.additionalProperties", errors);
            }
        }

        CheckType(schema, type, level, path, errors);
        CheckHeader(schema, level, path, errors);
        CheckValues(schema, path, IsIntOrString(schema), IsIntOrString((schema["allOf"] as JsonArray)?.FirstOrDefault() as JsonObject), errors);
    }

    private static void CheckType(JsonObject schema, string type, Level level, string path, List<FieldError> errors)
    {
        var preserve = IsTrue(schema["x-kubernetes-preserve-unknown-fields"]);
        var intOrString = IsTrue(schema["x-kubernetes-int-or-string"]);
        if (intOrString && preserve)
        {
            errors.Add(FieldErrors.Invalid($"{path}.x-kubernetes-preserve-unknown-fields", true, "must be false if x-kubernetes-int-or-string is true"));
        }

        if (IsTrue(schema["x-kubernetes-embedded-resource"]))
        {
            CheckEmbedded(schema, type, preserve, intOrString, path, errors);
        }
        else if (type.Length == 0 && !intOrString && !preserve)
        {
            errors.Add(FieldErrors.Required($"{path}.type", level switch
            {
                Level.Root => "must not be empty at the root",
                Level.Item => "must not be empty for specified array items",
                _ => "must not be empty for specified object fields",
            }));
        }

        if (level == Level.Root && type.Length > 0 && type != "object")
        {
            errors.Add(FieldErrors.Invalid($"{path}.type", type, "must be object at the root"));
        }
    }

    private static void CheckEmbedded(JsonObject schema, string type, bool preserve, bool intOrString, string path, List<FieldError> errors)
    {
        const string mustBeObject = "must be object if x-kubernetes-embedded-resource is true";
        if (intOrString)
        {
            errors.Add(FieldErrors.Invalid($"{path}.x-kubernetes-embedded-resource", true, "must be false if x-kubernetes-int-or-string is true"));
        }

        if (type != "object")
        {
            errors.Add(type.Length == 0 ? FieldErrors.Required($"{path}.type", mustBeObject) : FieldErrors.Invalid($"{path}.type", type, mustBeObject));
        }

        if (schema["additionalProperties"] is not null)
        {
            errors.Add(FieldErrors.Forbidden($"{path}.additionalProperties", "must not be used if x-kubernetes-embedded-resource is set"));
        }

        if (!preserve && !Properties(schema).Any())
        {
            errors.Add(FieldErrors.Required($"{path}.properties", "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"));
        }
    }

    // apiVersion, kind and metadata are what they are; of metadata the root may narrow the names alone.
    private static void CheckHeader(JsonObject schema, Level level, string path, List<FieldError> errors)
    {
        if (level != Level.Root && !IsTrue(schema["x-kubernetes-embedded-resource"]))
        {
            return;
        }

        foreach (var (name, field) in Properties(schema))
        {
            var fieldPath = $"{path}.properties[{name}]";
            var type = Text(field["type"]);
            if (name is "kind" or "apiVersion" && type != "string")
            {
                errors.Add(FieldErrors.Invalid($"{fieldPath}.type", type, "must be string"));
            }
            else if (name == "metadata")
            {
                if (type != "object")
                {
                    errors.Add(FieldErrors.Invalid($"{fieldPath}.type", type, "must be object"));
                }

                if (level == Level.Root && !NarrowsNamesAlone(field))
                {
                    errors.Add(FieldErrors.Forbidden(fieldPath, "must not specify anything other than name and generateName, but metadata is implicitly specified"));
                }
            }
        }
    }

    private static bool NarrowsNamesAlone(JsonObject metadata) =>
        metadata.All(member => member.Key is "type" or "default" or "properties") && Properties(metadata).All(field => field.Name is "name" or "generateName");

    private static void CheckValues(JsonObject schema, string path, bool skipAnyOf, bool skipFirstAllOf, List<FieldError> errors)
    {
        if (!skipAnyOf)
        {
            CheckAlternatives(schema, "anyOf", path, false, errors);
        }

        CheckAlternatives(schema, "allOf", path, skipFirstAllOf, errors);
        CheckAlternatives(schema, "oneOf", path, false, errors);
        if (schema["not"] is JsonObject not)
        {
            CheckNested(not, $"{path}.not", false, errors);
        }

        if (Text(schema["pattern"]) is { Length: > 0 } pattern)
        {
            try
            {
                GoPattern.Compile(pattern);
            }
            catch (FormatException fault)
            {
                errors.Add(FieldErrors.Invalid($"{path}.pattern", pattern, $"must be a valid regular expression, but isn't: {fault.Message}"));
            }
        }
    }

    private static void CheckAlternatives(JsonObject schema, string junctor, string path, bool skipFirstAnyOf, List<FieldError> errors)
    {
        var first = true;
        foreach (var (alternativePath, alternative) in Alternatives(schema, junctor, path))
        {
            CheckNested(alternative, alternativePath, first && skipFirstAnyOf, errors);
            first = false;
        }
    }

    // Below a junctor nothing may be told but bounds.
    private static void CheckNested(JsonObject schema, string path, bool skipAnyOf, List<FieldError> errors)
    {
        CheckValues(schema, path, skipAnyOf, false, errors);
        if (schema["items"] is JsonObject items)
        {
            CheckNested(items, $"{path}.items", false, errors);
        }

        foreach (var (name, field) in Properties(schema))
        {
            CheckNested(field, $"{path}.properties[{name}]", false, errors);
        }

        foreach (var (member, rule) in NestedRules)
        {
            if (IsTold(schema[member]))
            {
                errors.Add(FieldErrors.Forbidden($"{path}.{member}", rule));
            }
        }

        if (Properties(schema).Any(field => field.Name == "metadata"))
        {
            errors.Add(FieldErrors.Forbidden($"{path}.properties[metadata]", "must not be specified in a nested context"));
        }
    }

    private static readonly (string Member, string Rule)[] NestedRules =
    [
        ("type", "must be empty to be structural"),
        ("additionalProperties", "must be undefined to be structural"),
        ("default", "must be undefined to be structural"),
        ("title", "must be empty to be structural"),
        ("description", "must be empty to be structural"),
        ("nullable", "must be false to be structural"),
        ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
        ("x-kubernetes-embedded-resource", "must be false to be structural"),
        ("x-kubernetes-int-or-string", "must be false to be structural"),
        ("x-kubernetes-list-map-keys", "must be empty to be structural"),
        ("x-kubernetes-list-type", "must be undefined to be structural"),
        ("x-kubernetes-map-type", "must be undefined to be structural"),
        ("x-kubernetes-validations", "must be empty to be structural"),
    ];

    private static bool IsTold(JsonNode? value) => value switch
    {
        null => false,
        JsonArray items => items.Count > 0,
        JsonValue scalar when scalar.TryGetValue<bool>(out var flag) => flag,
        JsonValue scalar when scalar.TryGetValue<string>(out var text) => text.Length > 0,
        _ => true,
    };

    // What a junctor of the root narrows must be told by the root. Kubernetes looks no deeper.
    private static void CheckComplete(JsonObject narrowing, JsonObject schema, string path, string narrowingPath, List<FieldError> errors)
    {
        foreach (var junctor in (string[])["allOf", "anyOf", "oneOf"])
        {
            foreach (var (alternativePath, alternative) in Alternatives(narrowing, junctor, narrowingPath))
            {
                CheckNarrowing(alternative, schema, path, alternativePath, errors);
            }
        }

        if (narrowing["not"] is JsonObject not)
        {
            CheckNarrowing(not, schema, path, $"{narrowingPath}.not", errors);
        }
    }

    private static void CheckNarrowing(JsonObject narrowing, JsonObject? schema, string path, string narrowingPath, List<FieldError> errors)
    {
        if (schema is null)
        {
            errors.Add(FieldErrors.Required(path, $"because it is defined in {narrowingPath}"));
            return;
        }

        CheckComplete(narrowing, schema, path, narrowingPath, errors);
        if (narrowing["items"] is JsonObject items)
        {
            CheckNarrowing(items, schema["items"] as JsonObject, $"{path}.items", $"{narrowingPath}.items", errors);
        }

        foreach (var (name, field) in Properties(narrowing))
        {
            CheckNarrowing(field, schema["properties"]?[name] as JsonObject, $"{path}.properties[{name}]", $"{narrowingPath}.properties[{name}]", errors);
        }
    }

    private static bool IsIntOrString(JsonObject? schema) => schema?["anyOf"] is JsonArray { Count: 2 } any
        && any[0] is JsonObject { Count: 1 } first && Text(first["type"]) == "integer" && any[1] is JsonObject { Count: 1 } second && Text(second["type"]) == "string";
}
