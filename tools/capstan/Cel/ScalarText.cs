using System.Globalization;
using System.Text;
using Capstan.Cel;

namespace Capstan.Tool.Cel;

/// <summary>Values without parts as the expressions that give them.</summary>
internal static class ScalarText
{
    // What makes a value of a library's type of a text.
    private static readonly Dictionary<string, string> Constructors = new(StringComparer.Ordinal)
    {
        ["kubernetes.Quantity"] = "quantity",
        ["kubernetes.Semver"] = "semver",
        ["kubernetes.URL"] = "url",
        ["kubernetes.NamedFormat"] = "format.named",
        ["net.IP"] = "ip",
        ["net.CIDR"] = "cidr",
    };

    public static void Write(StringBuilder text, CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.Null: text.Append("null"); break;
            case CelKind.Bool: text.Append(value.Bool ? "true" : "false"); break;
            case CelKind.Int: text.Append(CultureInfo.InvariantCulture, $"{value.Int}"); break;
            case CelKind.Uint: text.Append(CultureInfo.InvariantCulture, $"{value.Uint}u"); break;
            case CelKind.Double when double.IsFinite(value.Double): text.Append(OfDouble(value.Double)); break;
            case CelKind.Double: Call(text, "double", OfDouble(value.Double)); break;
            case CelKind.String: Quote(text, value.String); break;
            case CelKind.Bytes: Quote(text, value.Bytes); break;
            case CelKind.Timestamp: Call(text, "timestamp", value.Timestamp.ToString()); break;
            case CelKind.Duration: Call(text, "duration", value.Duration.ToString()); break;
            case CelKind.Type: text.Append(value.String); break;
            case CelKind.Optional: text.Append("optional.none()"); break;
            case CelKind.Object: Call(text, Constructors.GetValueOrDefault(value.TypeName, value.TypeName), value.Object.ToString() ?? ""); break;
            default: Call(text, value.TypeName, value.ToString()); break;
        }
    }

    /// <summary>The fewest digits that read back, and always seen to be a double: <c>1.0</c>, <c>1E+20</c>, <c>NaN</c>.</summary>
    public static string OfDouble(double value)
    {
        var digits = value.ToString("R", CultureInfo.InvariantCulture);
        return !double.IsFinite(value) || digits.AsSpan().ContainsAny('.', 'E') ? digits : $"{digits}.0";
    }

    private static void Call(StringBuilder text, string function, string argument)
    {
        text.Append(function).Append('(');
        Quote(text, argument);
        text.Append(')');
    }

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            if (Escape(rune.Value) is { } escape)
            {
                text.Append(escape);
            }
            else if (IsSeen(rune))
            {
                text.Append(rune);
            }
            else
            {
                text.Append(rune.IsBmp ? "\\u" : "\\U").Append(rune.Value.ToString(rune.IsBmp ? "x4" : "x8", CultureInfo.InvariantCulture));
            }
        }

        text.Append('"');
    }

    private static void Quote(StringBuilder text, byte[] value)
    {
        text.Append("b\"");
        foreach (var octet in value)
        {
            if (Escape(octet) is { } escape)
            {
                text.Append(escape);
            }
            else if (octet is >= 0x20 and < 0x7F)
            {
                text.Append((char)octet);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\x{octet:x2}");
            }
        }

        text.Append('"');
    }

    // What is not seen, or turns what follows around, would make one value look like another.
    private static bool IsSeen(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static string? Escape(int character) => character switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\\' => "\\\\",
        '"' => "\\\"",
        _ => null,
    };
}
