using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>Values as Go prints them: Kubernetes' apply quotes them so in its type errors.</summary>
internal static class GoSyntax
{
    /// <summary>The name of the value's type (Go's <c>%T</c>).</summary>
    public static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null => "<nil>",
        JsonValueKind.Object => "map[string]interface {}",
        JsonValueKind.Array => "[]interface {}",
        JsonValueKind.String => "string",
        JsonValueKind.Number => JsonNumbers.TryInteger(value, out _) ? "int64" : "float64",
        _ => "bool",
    };

    /// <summary>The bare value (Go's <c>%v</c>).</summary>
    public static string Plain(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonObject map => $"map[{string.Join(' ', Sorted(map).Select(f => $"{f.Key}:{Plain(f.Value)}"))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(Plain))}]",
        _ => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : Scalar(value),
    };

    /// <summary>The value as in source (Go's <c>%#v</c>).</summary>
    public static string Literal(JsonNode? value) => value switch
    {
        null => "interface {}(nil)",
        JsonObject map => $"map[string]interface {{}}{{{string.Join(", ", Sorted(map).Select(f => $"{GoFormat.Quote(f.Key)}:{Literal(f.Value)}"))}}}",
        JsonArray list => $"[]interface {{}}{{{string.Join(", ", list.Select(Literal))}}}",
        _ => value.GetValueKind() == JsonValueKind.String ? GoFormat.Quote(value.GetValue<string>()) : Scalar(value),
    };

    private static string Scalar(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => JsonNumbers.TryInteger(value, out var integer) ? integer.ToString(CultureInfo.InvariantCulture) : GoFormat.Number(JsonNumbers.Double(value)),
    };

    private static IOrderedEnumerable<KeyValuePair<string, JsonNode?>> Sorted(JsonObject map) => map.OrderBy(f => f.Key, StringComparer.Ordinal);
}
