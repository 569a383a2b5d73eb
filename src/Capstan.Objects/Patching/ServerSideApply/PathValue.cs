using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;
using Capstan.Yaml;

namespace Capstan.Patching;

/// <summary>A scalar inside a path: the value of a set item, or of a key field. Ordered as structured-merge-diff orders values, so that
/// sets print as Kubernetes prints them: numbers, strings, booleans, the rest, null.</summary>
internal readonly struct PathValue : IComparable<PathValue>
{
    // Null, long, double, string, bool, or a JsonNode that never changes again.
    private readonly object? _value;

    private PathValue(object? value) => _value = value;

    // The casts keep the compiler from making a JsonNode of everything, which it converts to implicitly.
    public static PathValue From(JsonNode? node) => new(node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => (object?)null,
        JsonValueKind.String => node.GetValue<string>(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => JsonNumbers.TryInteger(node, out var integer) ? (object)integer : JsonNumbers.Double(node),
        _ => node.DeepClone(),
    });

    public int CompareTo(PathValue other)
    {
        var rank = Rank(_value).CompareTo(Rank(other._value));
        if (rank != 0) return rank;
        return (_value, other._value) switch
        {
            (long a, long b) => a.CompareTo(b),
            (string a, string b) => string.CompareOrdinal(a, b),
            (bool a, bool b) => a.CompareTo(b),
            (null, _) => 0,
            (JsonNode a, JsonNode b) => string.CompareOrdinal(GoFormat.Json(a), GoFormat.Json(b)),
            var (a, b) => Convert.ToDouble(a, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(b, CultureInfo.InvariantCulture)),
        };
    }

    /// <summary>As messages show it: strings quoted.</summary>
    public override string ToString() => _value switch
    {
        null => "null",
        string text => GoFormat.Quote(text),
        bool flag => flag ? "true" : "false",
        long integer => integer.ToString(CultureInfo.InvariantCulture),
        double number => GoFormat.Number(number),
        _ => GoFormat.Json((JsonNode)_value),
    };

    /// <summary>As fieldsV1 writes it: compact JSON, with the characters of HTML escaped.</summary>
    public void WriteTo(StringBuilder text)
    {
        switch (_value)
        {
            case string value: WriteString(text, value); break;
            case double number: text.Append(JsonFloat.Write(number)); break;
            default: text.Append(ToString()); break;
        }
    }

    public static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029': text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)); break;
                default: text.Append(c); break;
            }
        }

        text.Append('"');
    }

    private static int Rank(object? value) => value switch { long or double => 0, string => 1, bool => 2, JsonArray => 3, JsonNode => 4, _ => 5 };
}
