using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>Text of values as Kubernetes' messages show them: clients and recordings compare it letter by letter.</summary>
public static class GoFormat
{
    /// <summary>A string in double quotes, with what cannot be printed escaped (Go's <c>%q</c>).</summary>
    public static string Quote(string text)
    {
        // Names, and most else that is quoted.
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.AsSpan().ContainsAny('"', '\\'))
        {
            return $"\"{text}\"";
        }

        var written = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            AppendEscaped(written, rune);
        }

        return written.Append('"').ToString();
    }

    /// <summary>A value as in <c>Invalid value: ...</c>: strings quoted, numbers bare, objects and arrays as compact JSON with sorted fields.</summary>
    public static string Value(JsonNode? value) => value?.GetValueKind() switch
    {
        null => "null",
        JsonValueKind.String => Quote(value.GetValue<string>()),
        JsonValueKind.Number => Number(value),
        _ => Json(value),
    };

    /// <summary>A value as Go prints it (<c>%v</c>): <c>map[a:1 b:[x y]]</c>.</summary>
    public static string Plain(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonObject fields => $"map[{string.Join(' ', fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}:{Plain(field.Value)}"))}]",
        JsonArray items => $"[{string.Join(' ', items.Select(Plain))}]",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.Number => Number(value),
            _ => Json(value),
        },
    };

    /// <summary>The Go type of a decoded JSON value, for example <c>map[string]interface {}</c>.</summary>
    public static string TypeName(JsonNode? value) => value?.GetValueKind() switch
    {
        null => "%!s(<nil>)",
        JsonValueKind.Object => "map[string]interface {}",
        JsonValueKind.Array => "[]interface {}",
        JsonValueKind.String => "string",
        JsonValueKind.Number => JsonNumbers.TryInteger(value, out _) ? "int64" : "float64",
        _ => "bool",
    };

    /// <summary>A floating-point number with as few digits as tell it, with an exponent from 1e+06 on and below 1e-4 (Go's <c>%v</c>).</summary>
    public static string Number(double value) => Number(value, -4, 6, 2);

    // Numbers in JSON keep their digits longer, and pad no exponent.
    private static string JsonNumber(double value) => Number(value, -6, 21, 1);

    private static string Number(double value, int least, int most, int exponentDigits)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return value == 0 ? "0" : double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        }

        // The shortest digits that read back equal; only where the point stands is decided here.
        var text = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var plain = mark < 0 ? text : text[..mark];
        var point = plain.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? plain.Length : point;
        var digits = plain.Replace(".", "", StringComparison.Ordinal);
        var exponent = whole - 1 - (digits.Length - digits.TrimStart('0').Length) + (mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        digits = digits.Trim('0');
        var sign = value < 0 ? "-" : "";
        if (exponent < least || exponent >= most)
        {
            var fraction = digits.Length > 1 ? $".{digits[1..]}" : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString(CultureInfo.InvariantCulture).PadLeft(exponentDigits, '0')}";
        }

        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }

        return digits.Length <= exponent + 1 ? sign + digits.PadRight(exponent + 1, '0') : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary>Compact JSON with the fields of objects sorted by code unit, as Go writes maps.</summary>
    public static string Json(JsonNode? value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            WriteSorted(value, writer);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static string Number(JsonNode value) =>
        JsonNumbers.TryInteger(value, out var integer) ? integer.ToString(CultureInfo.InvariantCulture) : Number(JsonNumbers.Double(value));

    private static void WriteSorted(JsonNode? value, Utf8JsonWriter writer)
    {
        switch (value)
        {
            case JsonObject fields:
                writer.WriteStartObject();
                foreach (var (name, field) in fields.OrderBy(f => f.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    WriteSorted(field, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    WriteSorted(item, writer);
                }

                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                if (value.GetValueKind() == JsonValueKind.Number && !JsonNumbers.TryInteger(value, out _))
                {
                    writer.WriteRawValue(JsonNumber(JsonNumbers.Double(value)));
                }
                else
                {
                    value.WriteTo(writer);
                }

                break;
        }
    }

    private static void AppendEscaped(StringBuilder written, Rune rune)
    {
        var named = rune.Value switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\a' => "\\a",
            '\b' => "\\b",
            '\f' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\v' => "\\v",
            < ' ' or 0x7f => "\\x" + rune.Value.ToString("x2", CultureInfo.InvariantCulture),
            _ => null,
        };
        if (named is not null)
        {
            written.Append(named);
        }
        else if (IsPrintable(rune))
        {
            written.Append(rune.ToString());
        }
        else
        {
            written.Append(CultureInfo.InvariantCulture, $"{(rune.IsBmp ? "\\u" : "\\U")}{rune.Value.ToString(rune.IsBmp ? "x4" : "x8", CultureInfo.InvariantCulture)}");
        }
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
