using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Recordings.Tests.Comparing;

/// <summary>JSON as Python's <c>json</c> reads and writes it: some answers quote the bytes of the request.</summary>
internal static class PythonJson
{
    private const int MaxDepth = 3000;

    /// <summary>The last of duplicate members wins.</summary>
    /// <exception cref="JsonException">It is no JSON, or none that .NET can hold.</exception>
    public static JsonNode? Parse(string text)
    {
        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
        try
        {
            return Node(document.RootElement);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("half of a pair of surrogates", e);
        }
    }

    /// <summary>With a space after commas and colons; what is not ASCII is escaped if asked.</summary>
    public static string Write(JsonNode? node, bool ascii = true)
    {
        var text = new StringBuilder();
        Write(text, node, ascii);
        return text.ToString();
    }

    /// <summary>Whether Python takes the number for an int.</summary>
    public static bool IsInteger(string number) => !number.AsSpan().ContainsAny(".eE");

    private static JsonNode? Node(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new JsonObject();
                foreach (var member in element.EnumerateObject())
                {
                    members[member.Name] = Node(member.Value);
                }

                return members;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(Node)]);
            case JsonValueKind.String:
                return JsonValue.Create(element.GetString());
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(element.Clone());
        }
    }

    private static void Write(StringBuilder text, JsonNode? node, bool ascii)
    {
        switch (node)
        {
            case JsonObject members:
                text.Append('{');
                var first = true;
                foreach (var (name, value) in members)
                {
                    text.Append(first ? "" : ", ");
                    first = false;
                    Quote(text, name, ascii);
                    text.Append(": ");
                    Write(text, value, ascii);
                }

                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                for (var i = 0; i < items.Count; i++)
                {
                    text.Append(i == 0 ? "" : ", ");
                    Write(text, items[i], ascii);
                }

                text.Append(']');
                break;
            case null:
                text.Append("null");
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                Quote(text, value.GetValue<string>(), ascii);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number:
                text.Append(Number(value.ToJsonString()));
                break;
            default:
                text.Append(node.ToJsonString());
                break;
        }
    }

    // Python keeps an int as it is; a float is its shortest text, with an exponent of two digits or more from 1e16 and below 1e-4.
    private static string Number(string text)
    {
        if (IsInteger(text))
        {
            return text == "-0" ? "0" : text;
        }

        var value = double.Parse(text, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value))
        {
            return value > 0 ? "Infinity" : "-Infinity";
        }

        var size = Math.Abs(value);
        if (size != 0 && (size >= 1e16 || size < 1e-4))
        {
            // .NET writes 1E+16 and 1E-05, both with two digits at least.
            return value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        }

        // From 1e15 .NET has an exponent where Python has none yet; there are no more than three binary places then.
        var shown = value.ToString(size >= 1e15 ? "F3" : "R", CultureInfo.InvariantCulture);
        shown = shown.Contains('.', StringComparison.Ordinal) ? shown.TrimEnd('0') : shown + ".";
        return shown.EndsWith('.') ? shown + "0" : shown;
    }

    private static void Quote(StringBuilder text, string value, bool ascii)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                _ when c < ' ' || (ascii && c > '~') => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}
