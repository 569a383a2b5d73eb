using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Capstan.Schemas;

namespace Capstan.Tool.Manifests;

/// <summary>Puts what attributes say of a member or type into its schema.</summary>
internal static class SchemaAttributes
{
    /// <summary>The attribute of the property or type itself. An <see cref="ItemSchemaAttribute"/> derives from it too, but is about the items.</summary>
    public static SchemaAttribute? Of(MemberInfo member) => member.GetCustomAttributes<SchemaAttribute>(inherit: false).FirstOrDefault(said => said is not ItemSchemaAttribute);

    /// <summary>What <see cref="SchemaAttribute"/> and <see cref="CelRuleAttribute"/> say on a property or type.</summary>
    public static void Apply(Schema schema, MemberInfo member, JsonTypeInfo contract, string path)
    {
        if (Of(member) is { } said)
        {
            Apply(schema, said, contract, path);
        }

        foreach (var rule in member.GetCustomAttributes<CelRuleAttribute>(inherit: false))
        {
            (schema.Validations ??= []).Add(Rule(rule));
        }
    }

    /// <summary>What one attribute says.</summary>
    public static void Apply(Schema schema, SchemaAttribute said, JsonTypeInfo contract, string path)
    {
        schema.Type = said.Type ?? schema.Type;
        schema.Format = said.Format ?? schema.Format;
        schema.Description = said.Description ?? schema.Description;
        schema.Default = Default(said, contract, path) ?? schema.Default;
        schema.Nullable |= said.Nullable;
        schema.Enum = said.Enum?.Select(value => (JsonNode?)JsonValue.Create(value)).ToList() ?? schema.Enum;
        schema.Pattern = said.Pattern ?? schema.Pattern;
        schema.MinLength = Count(said.MinLength) ?? schema.MinLength;
        schema.MaxLength = Count(said.MaxLength) ?? schema.MaxLength;
        schema.Minimum = Number(said.Minimum) ?? schema.Minimum;
        schema.Maximum = Number(said.Maximum) ?? schema.Maximum;
        schema.ExclusiveMinimum |= said.ExclusiveMinimum;
        schema.ExclusiveMaximum |= said.ExclusiveMaximum;
        schema.MultipleOf = Number(said.MultipleOf) ?? schema.MultipleOf;
        schema.MinItems = Count(said.MinItems) ?? schema.MinItems;
        schema.MaxItems = Count(said.MaxItems) ?? schema.MaxItems;
        schema.MinProperties = Count(said.MinProperties) ?? schema.MinProperties;
        schema.MaxProperties = Count(said.MaxProperties) ?? schema.MaxProperties;
        schema.AtomicMap |= said.AtomicMap;
        schema.PreserveUnknownFields |= said.PreserveUnknownFields;
        schema.EmbeddedResource |= said.EmbeddedResource;
        if (said.ListType != ListType.Atomic || said.ListMapKeys is not null)
        {
            schema.ListType = said.ListType;
            schema.ListTypeGiven = true;
            schema.ListMapKeys = said.ListMapKeys ?? [];
        }
    }

    private static JsonNode? Default(SchemaAttribute said, JsonTypeInfo contract, string path)
    {
        try
        {
            return said.DefaultJson is { } json ? JsonNode.Parse(json)
                : said.Default is null ? null
                : JsonSerializer.SerializeToNode(contract.Type == said.Default.GetType() ? said.Default : Convert.ChangeType(said.Default, contract.Type, System.Globalization.CultureInfo.InvariantCulture), contract);
        }
        catch (Exception e) when (e is JsonException or InvalidCastException or FormatException or OverflowException)
        {
            throw new CannotRunException($"{path}: the default {said.DefaultJson ?? said.Default} is no {contract.Type.Name}: {e.Message}");
        }
    }

    private static JsonObject Rule(CelRuleAttribute said)
    {
        var rule = new JsonObject { ["rule"] = said.Rule };
        Add("message", said.Message);
        Add("messageExpression", said.MessageExpression);
        Add("reason", said.Reason);
        Add("fieldPath", said.FieldPath);
        if (said.OptionalOldSelf)
        {
            rule["optionalOldSelf"] = true;
        }

        return rule;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                rule[name] = value;
            }
        }
    }

    private static long? Count(long value) => value < 0 ? null : value;

    private static double? Number(double value) => double.IsNaN(value) ? null : value;
}
