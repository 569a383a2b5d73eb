using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry;

/// <summary>Reads objects that may be of any shape: what is absent, null or of another type reads as nothing, never as an exception.</summary>
internal static class JsonReading
{
    /// <summary>The node at a path of fields; null when any step is absent or no object.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var field in path)
        {
            node = node is JsonObject obj && obj.TryGetPropertyValue(field, out var next) ? next : null;
        }

        return node;
    }

    /// <summary>The object at a path; null when there is none.</summary>
    public static JsonObject? Map(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonObject;

    /// <summary>The items of the array at a path; none when there is no array.</summary>
    public static IList<JsonNode?> Items(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) is JsonArray items ? items : Array.Empty<JsonNode?>();

    /// <summary>The string at a path; null when there is none.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The whole number at a path; null when there is none.</summary>
    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        if (node.At(path) is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
        {
            return null;
        }

        var text = value.ToJsonString();
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : double.TryParse(text, CultureInfo.InvariantCulture, out var real) && real == Math.Floor(real) && Math.Abs(real) < 9e18 ? (long)real
            : null;
    }

    /// <summary>The boolean at a path; null when there is none.</summary>
    public static bool? Flag(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path)?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>Sets a field that is absent or null.</summary>
    public static void SetDefault(this JsonObject obj, string field, JsonNode value)
    {
        if (obj[field] is null)
        {
            obj[field] = value;
        }
    }

    /// <summary>The object in a field, added when it is absent or null; null when something else stands there.</summary>
    public static JsonObject? GetOrAddMap(this JsonObject obj, string field)
    {
        if (obj[field] is null)
        {
            obj[field] = new JsonObject();
        }

        return obj[field] as JsonObject;
    }
}
