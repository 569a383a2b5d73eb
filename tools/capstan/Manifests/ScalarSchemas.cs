using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Capstan.Schemas;

namespace Capstan.Tool.Manifests;

/// <summary>Schemas of the C# types that are one JSON value, whatever the kind.</summary>
internal static class ScalarSchemas
{
    // Kubernetes' own spelling of resource.Quantity: a number, or a number with an exponent or a unit behind it.
    private const string QuantityPattern = @"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

    private static readonly Dictionary<Type, Func<Schema>> Known = new()
    {
        [typeof(string)] = () => new() { Type = "string" },
        [typeof(bool)] = () => new() { Type = "boolean" },
        [typeof(byte)] = () => new() { Type = "integer", Format = "int32", Minimum = 0, Maximum = byte.MaxValue },
        [typeof(short)] = () => new() { Type = "integer", Format = "int32", Minimum = short.MinValue, Maximum = short.MaxValue },
        [typeof(int)] = () => new() { Type = "integer", Format = "int32" },
        [typeof(long)] = () => new() { Type = "integer", Format = "int64" },
        [typeof(float)] = () => new() { Type = "number", Format = "float" },
        [typeof(double)] = () => new() { Type = "number", Format = "double" },
        [typeof(decimal)] = () => new() { Type = "number" },
        [typeof(byte[])] = () => new() { Type = "string", Format = "byte" },
        [typeof(DateTimeOffset)] = () => new() { Type = "string", Format = "date-time" },
        [typeof(DateTime)] = () => new() { Type = "string", Format = "date-time" },
        [typeof(DateOnly)] = () => new() { Type = "string", Format = "date" },
        [typeof(Guid)] = () => new() { Type = "string", Format = "uuid" },
        [typeof(Uri)] = () => new() { Type = "string", Format = "uri" },
        [typeof(Quantity)] = () => new() { IntOrString = true, Pattern = QuantityPattern, AnyOf = [new() { Type = "integer" }, new() { Type = "string" }] },
        [typeof(JsonObject)] = () => new() { Type = "object", PreserveUnknownFields = true },
        [typeof(JsonElement)] = () => new() { PreserveUnknownFields = true },
        [typeof(JsonNode)] = () => new() { PreserveUnknownFields = true },
    };

    /// <summary>The schema, or null when the type alone does not tell.</summary>
    public static Schema? Of(Type type, JsonTypeInfo contract) =>
        Known.TryGetValue(type, out var make) ? make() : type.IsEnum ? OfEnum(type, contract) : null;

    // The converter decides how members are called.
    private static Schema? OfEnum(Type type, JsonTypeInfo contract)
    {
        var names = Enum.GetValues(type).Cast<object>().Select(member => JsonSerializer.SerializeToNode(member, contract)).ToList();
        return names.All(name => name?.GetValueKind() == JsonValueKind.String) ? new() { Type = "string", Enum = names } : null;
    }
}
