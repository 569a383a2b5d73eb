using System.Globalization;
using System.Text;

namespace Capstan.Cel.Syntax;

/// <summary>Literals as text that reads back to the same value.</summary>
internal static class LiteralText
{
    public static void Write(StringBuilder text, LiteralExpr literal)
    {
        switch (literal.Kind)
        {
            case LiteralKind.Null:
                text.Append("null");
                break;
            case LiteralKind.Bool:
                text.Append(literal.BoolValue ? "true" : "false");
                break;
            case LiteralKind.Int:
                text.Append(CultureInfo.InvariantCulture, $"{literal.IntValue}");
                break;
            case LiteralKind.Uint:
                text.Append(CultureInfo.InvariantCulture, $"{literal.UintValue}u");
                break;
            case LiteralKind.Double:
                var number = literal.DoubleValue.ToString("R", CultureInfo.InvariantCulture);
                text.Append(number).Append(number.AsSpan().ContainsAny('.', 'E') ? "" : ".0");
                break;
            case LiteralKind.String:
                WriteString(text, literal.StringValue);
                break;
            case LiteralKind.Bytes:
                WriteBytes(text, literal.BytesValue.Span);
                break;
        }
    }

    private static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            if (Escape(c) is { } escape)
            {
                text.Append(escape);
            }
            else if (char.IsControl(c) || c is '\u2028' or '\u2029')
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                text.Append(c);
            }
        }

        text.Append('"');
    }

    private static void WriteBytes(StringBuilder text, ReadOnlySpan<byte> value)
    {
        text.Append("b\"");
        foreach (var octet in value)
        {
            if (octet < 0x80 && Escape((char)octet) is { } escape)
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

    private static string? Escape(char c) => c switch
    {
        '\a' => "\\a",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\v' => "\\v",
        '\\' => "\\\\",
        '"' => "\\\"",
        _ => null,
    };
}
