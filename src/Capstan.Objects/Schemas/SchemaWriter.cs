using System.Globalization;
using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>Writes schemas as OpenAPI v3, as the API server publishes them and as a CustomResourceDefinition holds them.</summary>
public static class SchemaWriter
{
    private const string ReferencePrefix = "#/components/schemas/";

    /// <summary>The schema with everything that it contains. A built-in type below the top is written as a <c>$ref</c> to <c>#/components/schemas/</c> and its name,
    /// since types may contain themselves; <see cref="ReferencedTypes"/> tells which.</summary>
    public static JsonObject ToOpenApiV3(Schema schema)
    {
        var written = new JsonObject();
        AddText(written, "title", schema.Title);
        AddText(written, "description", schema.Description);
        AddText(written, "type", schema.Type);
        AddText(written, "format", schema.Format);
        if (schema.Required.Count > 0)
        {
            written["required"] = Texts(schema.Required);
        }

        if (schema.Properties is { } fields)
        {
            var properties = new JsonObject();
            foreach (var (name, field) in fields)
            {
                properties[name] = Use(field);
            }

            written["properties"] = properties;
        }

        if (schema.AdditionalProperties is { } values)
        {
            written["additionalProperties"] = Use(values);
        }
        else if (schema.AdditionalPropertiesAllowed)
        {
            written["additionalProperties"] = true;
        }

        if (schema.Items is { } items)
        {
            written["items"] = Use(items);
        }

        AddValidation(written, schema);
        AddUse(written, schema);
        AddExtensions(written, schema);
        return written;
    }

    /// <summary>Names of the built-in types that a schema refers to directly, each once.</summary>
    public static IEnumerable<string> ReferencedTypes(Schema schema)
    {
        var inner = (schema.Properties?.Values ?? []).Append(schema.Items).Append(schema.AdditionalProperties);
        return inner.OfType<Schema>().SelectMany(one => one.TypeName is { } name ? [name] : ReferencedTypes(one)).Distinct();
    }

    // A built-in type is referred to; what is said of this use of it stands beside the reference.
    private static JsonObject Use(Schema schema)
    {
        if (schema.TypeName is null)
        {
            return ToOpenApiV3(schema);
        }

        var reference = new JsonObject { ["$ref"] = ReferencePrefix + schema.TypeName };
        var use = new JsonObject();
        AddUse(use, schema);
        if (use.Count == 0)
        {
            return reference;
        }

        use["allOf"] = new JsonArray(reference);
        return use;
    }

    private static void AddUse(JsonObject written, Schema schema)
    {
        if (schema.Default is { } value)
        {
            written["default"] = value.DeepClone();
        }

        AddText(written, "x-kubernetes-patch-merge-key", schema.PatchMergeKey);
        AddText(written, "x-kubernetes-patch-strategy", string.Join(',', schema.PatchStrategies));
    }

    private static void AddValidation(JsonObject written, Schema schema)
    {
        if (schema.Enum is { } allowed)
        {
            written["enum"] = new JsonArray([.. allowed.Select(value => value?.DeepClone())]);
        }

        AddFlag(written, "nullable", schema.Nullable);
        AddNumber(written, "minimum", schema.Minimum);
        AddFlag(written, "exclusiveMinimum", schema.ExclusiveMinimum);
        AddNumber(written, "maximum", schema.Maximum);
        AddFlag(written, "exclusiveMaximum", schema.ExclusiveMaximum);
        AddNumber(written, "multipleOf", schema.MultipleOf);
        AddNumber(written, "minLength", schema.MinLength);
        AddNumber(written, "maxLength", schema.MaxLength);
        AddText(written, "pattern", schema.Pattern);
        AddNumber(written, "minItems", schema.MinItems);
        AddNumber(written, "maxItems", schema.MaxItems);
        AddFlag(written, "uniqueItems", schema.UniqueItems);
        AddNumber(written, "minProperties", schema.MinProperties);
        AddNumber(written, "maxProperties", schema.MaxProperties);
        AddAll(written, "allOf", schema.AllOf);
        AddAll(written, "anyOf", schema.AnyOf);
        AddAll(written, "oneOf", schema.OneOf);
        if (schema.Not is { } not)
        {
            written["not"] = ToOpenApiV3(not);
        }
    }

    private static void AddExtensions(JsonObject written, Schema schema)
    {
        // A built-in type of any content (RawExtension) says so by having no fields.
        AddFlag(written, "x-kubernetes-preserve-unknown-fields", schema.PreserveUnknownFields && schema.TypeName is null);
        AddFlag(written, "x-kubernetes-embedded-resource", schema.EmbeddedResource);
        AddFlag(written, "x-kubernetes-int-or-string", schema.IntOrString && schema.Format is null);
        if (schema.IntOrString && schema.Format is not null)
        {
            written["oneOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });
        }

        if (schema.ListTypeGiven)
        {
            written["x-kubernetes-list-type"] = schema.ListType switch { ListType.Map => "map", ListType.Set => "set", _ => "atomic" };
        }

        if (schema.ListMapKeys.Count > 0)
        {
            written["x-kubernetes-list-map-keys"] = Texts(schema.ListMapKeys);
        }

        AddText(written, "x-kubernetes-map-type", schema.AtomicMap ? "atomic" : null);
        if (schema.Validations is { } rules)
        {
            written["x-kubernetes-validations"] = rules.DeepClone();
        }
    }

    private static void AddAll(JsonObject written, string member, IReadOnlyList<Schema>? several)
    {
        if (several is not null)
        {
            written[member] = new JsonArray([.. several.Select(ToOpenApiV3)]);
        }
    }

    private static void AddText(JsonObject written, string member, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            written[member] = text;
        }
    }

    private static void AddFlag(JsonObject written, string member, bool flag)
    {
        if (flag)
        {
            written[member] = true;
        }
    }

    private static void AddNumber(JsonObject written, string member, double? number)
    {
        if (number is { } given)
        {
            // Go writes a whole float64 without a point.
            written[member] = JsonNode.Parse(double.IsInteger(given) && Math.Abs(given) < 1e15 ? ((long)given).ToString(CultureInfo.InvariantCulture) : given.ToString("R", CultureInfo.InvariantCulture));
        }
    }

    private static void AddNumber(JsonObject written, string member, long? number)
    {
        if (number is { } given)
        {
            written[member] = given;
        }
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
