using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Capstan.Schemas;

namespace Capstan.Tool.Manifests;

/// <summary>A structural schema from the JSON contract of a C# type, its attributes and its XML comments.</summary>
/// <remarks>The contract, not the type, says which fields there are and how they are called: what is described is what will be read and written.</remarks>
internal sealed class SchemaOfType(XmlDocs docs)
{
    private readonly Stack<Type> _within = [];

    /// <summary>Schema of a whole custom resource.</summary>
    /// <exception cref="CannotRunException">A type cannot be described; the message names the property.</exception>
    public Schema OfKind(JsonTypeInfo contract, ResourceType resource)
    {
        var schema = OfObject(contract, contract.Type.Name, fields => fields.Where(field => Member(field)?.DeclaringType != typeof(KubeObject)));
        var properties = new Dictionary<string, Schema>
        {
            ["apiVersion"] = new() { Type = "string", Description = $"Version of this object's schema: {resource.ApiVersion}." },
            ["kind"] = new() { Type = "string", Description = $"{resource.Kind}." },
            ["metadata"] = new() { Type = "object" },
        };
        foreach (var (name, field) in schema.Properties!)
        {
            properties[name] = field;
        }

        schema.Properties = properties;
        schema.PreserveUnknownFields = false;
        return schema;
    }

    private Schema OfObject(JsonTypeInfo contract, string path, Func<IEnumerable<JsonPropertyInfo>, IEnumerable<JsonPropertyInfo>>? choose = null)
    {
        if (_within.Contains(contract.Type))
        {
            throw new CannotRunException($"{path}: {contract.Type.Name} contains itself, which a CustomResourceDefinition cannot say; [Schema(Type = \"object\", PreserveUnknownFields = true)] on the property takes anything");
        }

        _within.Push(contract.Type);

        // The contract lists ignored properties too: nothing reads or writes them.
        var written = contract.Properties.Where(field => field.Get is not null || field.Set is not null);
        var fields = (choose is null ? written : choose(written)).ToList();
        var named = fields.Where(field => !field.IsExtensionData).ToList();
        var schema = new Schema
        {
            Type = "object",
            Description = docs.Of(contract.Type),
            Properties = named.ToDictionary(field => field.Name, field => OfField(field, contract.Options, $"{path}.{field.Name}")),
            Required = [.. named.Where(IsRequired).Select(field => field.Name)],
            PreserveUnknownFields = named.Count < fields.Count,
        };
        _within.Pop();
        SchemaAttributes.Apply(schema, contract.Type, contract, path);
        return schema;
    }

    private Schema OfField(JsonPropertyInfo field, JsonSerializerOptions options, string path)
    {
        var member = Member(field);
        var said = member is null ? null : SchemaAttributes.Of(member);
        var contract = options.GetTypeInfo(Underlying(field.PropertyType));
        var schema = said?.Type is { } type
            ? new Schema { Type = type }
            : OfValue(contract, field.PropertyType, path, member?.GetCustomAttribute<ItemSchemaAttribute>(inherit: false));
        schema.Description = (member is null ? null : docs.Of(member)) ?? schema.Description;
        if (member is not null)
        {
            SchemaAttributes.Apply(schema, member, contract, path);
        }

        return schema;
    }

    private Schema OfValue(JsonTypeInfo contract, Type type, string path, ItemSchemaAttribute? ofItems)
    {
        switch (contract.Kind)
        {
            case JsonTypeInfoKind.Object:
                return OfObject(contract, path);
            case JsonTypeInfoKind.Enumerable:
                var items = Items(contract, $"{path}[]", ofItems);
                return contract.ElementType == typeof(Condition)
                    ? new() { Type = "array", Items = items, ListType = ListType.Map, ListTypeGiven = true, ListMapKeys = ["type"] }
                    : new() { Type = "array", Items = items };
            case JsonTypeInfoKind.Dictionary when contract.KeyType == typeof(string):
                return new() { Type = "object", AdditionalProperties = Items(contract, $"{path}[*]", ofItems) };
            case JsonTypeInfoKind.None:
                return ScalarSchemas.Of(Underlying(type), contract) ?? throw Unknown(type, path);
            default:
                throw Unknown(type, path);
        }
    }

    private Schema Items(JsonTypeInfo contract, string path, ItemSchemaAttribute? said)
    {
        var element = contract.Options.GetTypeInfo(Underlying(contract.ElementType!));
        var schema = said?.Type is { } type ? new Schema { Type = type } : OfValue(element, contract.ElementType!, path, null);
        if (said is not null)
        {
            SchemaAttributes.Apply(schema, said, element, path);
        }

        return schema;
    }

    private static bool IsRequired(JsonPropertyInfo field)
    {
        var said = Member(field) is { } member ? SchemaAttributes.Of(member) : null;
        if (said is { Required: true })
        {
            return true;
        }

        var canBeNull = field.PropertyType.IsValueType ? System.Nullable.GetUnderlyingType(field.PropertyType) is not null : field.IsSetNullable;
        return !canBeNull && said is not { Optional: true } and not { Default: not null } and not { DefaultJson: not null };
    }

    private static PropertyInfo? Member(JsonPropertyInfo field) => field.AttributeProvider as PropertyInfo;

    private static Type Underlying(Type type) => System.Nullable.GetUnderlyingType(type) ?? type;

    private static CannotRunException Unknown(Type type, string path) =>
        new($"{path}: what JSON a {type.Name} is cannot be told from its C# type; [Schema(Type = ...)] on the property says it");
}
