using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry;

/// <summary>Finds values of a built-in kind whose type is not that of their field, in the words that Kubernetes has for objects that are no longer text:
/// what a strategic merge patch or an apply made.</summary>
internal static class ConversionFaults
{
    /// <summary>The first fault; null when there is none.</summary>
    public static string? Of(JsonNode? value, Schema schema)
    {
        if (value is null || schema.PreserveUnknownFields)
        {
            return null;
        }

        if (TypeFaults.OfText(value, schema, written: false) is { } fault)
        {
            return fault;
        }

        return schema.Type switch
        {
            "object" => value is JsonObject fields
                ? fields.Select(f => schema.Field(f.Key) is { } field ? Of(f.Value, field) : null).FirstOrDefault(f => f is not null)
                : schema.Properties is null ? $"cannot restore map from {KindOf(value)}" : $"cannot restore struct from: {KindOf(value)}",
            "array" => value is JsonArray items
                ? schema.Items is { } item ? items.Select(i => Of(i, item)).FirstOrDefault(f => f is not null) : null
                : $"cannot restore slice from {KindOf(value)}",
            "string" when schema.Format == "byte" => value.GetValueKind() == JsonValueKind.String ? null : $"cannot restore slice from {KindOf(value)}",
            "string" => OfScalar(value, "string", JsonValueKind.String),
            "boolean" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? null : "unrecognized type: bool",
            "integer" => OfNumber(value, schema.Format ?? "int64"),
            "number" => value.GetValueKind() == JsonValueKind.Number ? null : "unrecognized type: float64",
            _ => null,
        };
    }

    private static string? OfScalar(JsonNode value, string type, JsonValueKind expected) =>
        value.GetValueKind() == expected ? null
        : KindOf(value) == "int64" ? $"cannot convert int64 to {type}"
        : $"unrecognized type: {type}";

    private static string? OfNumber(JsonNode value, string type) => KindOf(value) switch
    {
        "int64" => null,
        "float64" => double.IsInteger(double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture)) ? null : $"cannot convert float64 to {type}",
        _ => $"unrecognized type: {type}",
    };

    private static string KindOf(JsonNode value) => value switch
    {
        JsonObject => "map",
        JsonArray => "slice",
        _ => GoFormat.TypeName(value),
    };
}
