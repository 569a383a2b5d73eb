using System.Text.Json.Nodes;
using static Capstan.Schemas.StructuralRules;

namespace Capstan.Schemas;

/// <summary>What <c>x-kubernetes-list-type</c>, <c>-list-map-keys</c> and <c>-map-type</c> require of a schema.</summary>
internal static class ListRules
{
    public static void Check(JsonObject schema, string path, List<FieldError> errors)
    {
        CheckMapType(schema, path, errors);
        var listType = schema["x-kubernetes-list-type"] is { } given ? Text(given) : null;
        var items = schema["items"] as JsonObject;
        var keys = (schema["x-kubernetes-list-map-keys"] as JsonArray ?? []).Select(Text).ToList();
        if (listType is not null && Text(schema["type"]) != "array")
        {
            errors.Add(WrongType(schema, path, "must be array if x-kubernetes-list-type is specified"));
        }
        else if (listType == "set" && items is not null)
        {
            CheckSetItem(items, $"{path}.items", errors);
        }

        if (listType is not (null or "atomic" or "set" or "map"))
        {
            errors.Add(FieldErrors.NotSupported($"{path}.x-kubernetes-list-type", listType, ["atomic", "set", "map"]));
        }

        if (keys.Count > 0 && listType != "map")
        {
            const string mustBeMap = "must be map if x-kubernetes-list-map-keys is non-empty";
            var field = $"{path}.x-kubernetes-list-type";
            errors.Add(listType is null ? FieldErrors.Required(field, mustBeMap) : FieldErrors.Invalid(field, listType, mustBeMap));
        }

        if (listType == "map")
        {
            CheckMap(items, keys, path, errors);
        }

        if (listType is "map" or "set" && items is not null)
        {
            CheckItems(items, keys, listType, path, errors);
        }
    }

    private static void CheckMapType(JsonObject schema, string path, List<FieldError> errors)
    {
        if (schema["x-kubernetes-map-type"] is not { } given)
        {
            return;
        }

        if (Text(schema["type"]) != "object")
        {
            errors.Add(WrongType(schema, path, "must be object if x-kubernetes-map-type is specified"));
        }

        if (Text(given) is not ("atomic" or "granular"))
        {
            errors.Add(FieldErrors.NotSupported($"{path}.x-kubernetes-map-type", Text(given), ["atomic", "granular"]));
        }
    }

    private static void CheckSetItem(JsonObject item, string path, List<FieldError> errors)
    {
        const string mustBeAtomic = "must be atomic as item of a list with x-kubernetes-list-type=set";

        // The value told is the list type in both cases, as Kubernetes has it.
        var listType = item["x-kubernetes-list-type"];
        if (Text(item["type"]) == "array" && listType is not null && Text(listType) != "atomic")
        {
            errors.Add(FieldErrors.Invalid($"{path}.x-kubernetes-list-type", listType, mustBeAtomic));
        }
        else if (Text(item["type"]) == "object" && Text(item["x-kubernetes-map-type"]) != "atomic")
        {
            errors.Add(FieldErrors.Invalid($"{path}.x-kubernetes-map-type", listType, mustBeAtomic));
        }
    }

    private static void CheckMap(JsonObject? items, List<string> keys, string path, List<FieldError> errors)
    {
        if (keys.Count == 0)
        {
            errors.Add(FieldErrors.Required($"{path}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map"));
        }

        if (items is null)
        {
            errors.Add(FieldErrors.Required($"{path}.items", "must have a schema if x-kubernetes-list-type is map"));
            return;
        }

        if (Text(items["type"]) != "object")
        {
            errors.Add(FieldErrors.Invalid($"{path}.items.type", Text(items["type"]), "must be object if parent array's x-kubernetes-list-type is map"));
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            var told = new JsonArray([.. keys.Select(name => (JsonNode)name)]);
            if (items["properties"]?[key] is not JsonObject property)
            {
                errors.Add(FieldErrors.Invalid($"{path}.x-kubernetes-list-map-keys", told, "entries must all be names of item properties"));
            }
            else if (Text(property["type"]) is "array" or "object")
            {
                errors.Add(FieldErrors.Invalid($"{path}.items.properties[{key}].type", "object", "must be a scalar type if parent array's x-kubernetes-list-type is map"));
            }

            if (!seen.Add(key))
            {
                errors.Add(FieldErrors.Invalid($"{path}.x-kubernetes-list-map-keys", told, "must not contain duplicate entries"));
            }
        }
    }

    private static void CheckItems(JsonObject items, List<string> keys, string listType, string path, List<FieldError> errors)
    {
        if (IsTrue(items["nullable"]))
        {
            errors.Add(FieldErrors.Forbidden($"{path}.items.nullable", $"cannot be nullable when x-kubernetes-list-type is {listType}"));
        }

        var required = (items["required"] as JsonArray ?? []).Select(Text).ToHashSet(StringComparer.Ordinal);
        foreach (var key in listType == "map" ? keys : [])
        {
            if (items["properties"]?[key] is not JsonObject property)
            {
                continue;
            }

            var field = $"{path}.items.properties[{key}]";
            if (!required.Contains(key) && property["default"] is null)
            {
                errors.Add(FieldErrors.Required($"{field}.default", "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"));
            }

            if (IsTrue(property["nullable"]))
            {
                errors.Add(FieldErrors.Forbidden($"{field}.nullable", "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"));
            }
        }
    }

    private static FieldError WrongType(JsonObject schema, string path, string rule) => Text(schema["type"]) is { Length: > 0 } type
        ? FieldErrors.Invalid($"{path}.type", type, rule)
        : FieldErrors.Required($"{path}.type", rule);
}
