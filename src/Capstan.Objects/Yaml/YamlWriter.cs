using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Yaml;

/// <summary>Prints JSON as YAML in Kubernetes' layout: two spaces, lists at the indentation of their key, quotes only where they are needed.</summary>
public static class YamlWriter
{
    /// <summary>YAML's parsers give up on longer keys in the short form.</summary>
    private const int LongestSimpleKey = 128;

    /// <summary>One document, ending in a line break; keys stand in the order of the object. Reading it gives an equal value. Pure and thread-safe.</summary>
    /// <param name="value">The value; null prints <c>null</c>.</param>
    public static string Write(JsonNode? value)
    {
        var text = new StringBuilder();
        if (value is JsonValue && value.GetValueKind() == JsonValueKind.String)
        {
            YamlText.AppendKey(text, value.GetValue<string>());
            text.Append('\n');
        }
        else
        {
            Value(text, value, 0);
        }

        return text.ToString();
    }

    /// <summary>Writes a value where the line stands, up to its line break.</summary>
    private static void Value(StringBuilder text, JsonNode? value, int indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map: Map(text, map, indent); break;
            case JsonArray { Count: > 0 } list: List(text, list, indent); break;
            case JsonObject: text.Append("{}\n"); break;
            case JsonArray: text.Append("[]\n"); break;
            case null: text.Append("null\n"); break;
            default:
                if (value.GetValueKind() == JsonValueKind.String) YamlText.Append(text, value.GetValue<string>(), indent);
                else text.Append(value.ToJsonString());
                text.Append('\n');
                break;
        }
    }

    private static void Map(StringBuilder text, JsonObject map, int indent)
    {
        var first = true;
        foreach (var (key, value) in map)
        {
            if (!first) text.Append(' ', indent);
            first = false;
            if (key.Length > LongestSimpleKey)
            {
                text.Append("? ");
                YamlText.AppendKey(text, key);
                text.Append('\n').Append(' ', indent).Append(':');
            }
            else
            {
                YamlText.AppendKey(text, key);
                text.Append(':');
            }

            Below(text, value, indent);
        }
    }

    private static void Below(StringBuilder text, JsonNode? value, int indent)
    {
        if (value is JsonObject { Count: > 0 })
        {
            text.Append('\n').Append(' ', indent + 2);
            Value(text, value, indent + 2);
        }
        else if (value is JsonArray { Count: > 0 })
        {
            text.Append('\n').Append(' ', indent);
            Value(text, value, indent);
        }
        else
        {
            text.Append(' ');
            Value(text, value, indent);
        }
    }

    private static void List(StringBuilder text, JsonArray list, int indent)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (i > 0) text.Append(' ', indent);
            text.Append("- ");
            Value(text, list[i], list[i] is JsonObject or JsonArray ? indent + 2 : indent);
        }
    }
}
