using System.Text.Json;

namespace Capstan.Dashboard.Facts;

/// <summary>Reads single values out of an object's JSON. What is missing, or of another type than it should be, is null: an object of somebody's kind may hold anything.</summary>
internal static class JsonFacts
{
    // Messages are for people; what a hostile object has beyond that is not kept.
    private const int MostText = 2000;

    // As deep as the client reads.
    private static readonly JsonDocumentOptions _deep = new() { MaxDepth = 1024 };

    /// <summary>The object's JSON, for as long as it is read.</summary>
    public static JsonDocument Open(DynamicObject value) => JsonDocument.Parse(value.Json, _deep);

    /// <summary>What is at the end of the names; undefined if that is not there.</summary>
    public static JsonElement At(this JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return default;
            }
        }

        return element;
    }

    /// <summary>A text, shortened where it is very long.</summary>
    public static string? Text(this JsonElement element, params ReadOnlySpan<string> names)
    {
        var found = element.At(names);
        var text = found.ValueKind == JsonValueKind.String ? found.GetString()! : null;
        return text is { Length: > MostText } ? string.Concat(text.AsSpan(0, MostText), "…") : text;
    }

    /// <summary>A whole number.</summary>
    public static long? Number(this JsonElement element, params ReadOnlySpan<string> names)
    {
        var found = element.At(names);
        return found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out var value) ? value : null;
    }

    /// <summary>True or false.</summary>
    public static bool? Flag(this JsonElement element, params ReadOnlySpan<string> names) =>
        element.At(names).ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    /// <summary>A time.</summary>
    public static DateTimeOffset? Time(this JsonElement element, params ReadOnlySpan<string> names)
    {
        var found = element.At(names);
        return found.ValueKind == JsonValueKind.String && found.TryGetDateTimeOffset(out var value) ? value.ToUniversalTime() : null;
    }

    /// <summary>The items of a list; none if it is none.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, params ReadOnlySpan<string> names)
    {
        var found = element.At(names);
        return found.ValueKind == JsonValueKind.Array ? found.EnumerateArray() : [];
    }

    /// <summary>The conditions in the status.</summary>
    public static IReadOnlyList<ConditionAnswer> Conditions(this JsonElement element) =>
        [.. element.Items("status", "conditions").Take(20).Select(one => new ConditionAnswer(one.Text("type") ?? "", one.Text("status") ?? "", one.Text("reason"), one.Text("message")))];
}
