using System.Globalization;
using System.Text;

namespace Capstan.Cel.Kubernetes;

/// <summary>Text as Go sees it: a row of UTF-8 octets, each held in one char, so that what is cut or unescaped need not be whole characters.</summary>
internal static class GoText
{
    /// <summary>One char per UTF-8 octet.</summary>
    public static string ToOctets(string text) => Ascii.IsValid(text) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>The characters of the octets; each octet that belongs to none becomes a U+FFFD of its own, as where Go counts characters.</summary>
    public static string FromOctets(string octets)
    {
        if (Ascii.IsValid(octets))
        {
            return octets;
        }

        var text = new StringBuilder(octets.Length);
        ReadOnlySpan<byte> rest = Encoding.Latin1.GetBytes(octets);
        while (!rest.IsEmpty)
        {
            var valid = Rune.DecodeFromUtf8(rest, out var rune, out var length) == System.Buffers.OperationStatus.Done;
            text.Append(rune.ToString());
            rest = rest[(valid ? length : 1)..];
        }

        return text.ToString();
    }

    /// <summary>A string in Go's quotes, as its error messages show one.</summary>
    public static string Quote(string text) => QuoteOctets(ToOctets(text));

    /// <summary>Octets in Go's quotes.</summary>
    public static string QuoteOctets(string octets)
    {
        var quoted = new StringBuilder("\"");
        ReadOnlySpan<byte> rest = Encoding.Latin1.GetBytes(octets);
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(rest, out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\x{rest[0]:x2}");
                rest = rest[1..];
                continue;
            }

            AppendQuoted(quoted, rune);
            rest = rest[length..];
        }

        return quoted.Append('"').ToString();
    }

    private static void AppendQuoted(StringBuilder quoted, Rune rune)
    {
        var named = "\a\b\f\n\r\t\v\\\"".IndexOf((char)rune.Value, StringComparison.Ordinal);
        if (rune.IsAscii && named >= 0)
        {
            quoted.Append('\\').Append("abfnrtv\\\""[named]);
        }
        else if (IsPrintable(rune))
        {
            quoted.Append(rune.ToString());
        }
        else if (rune.Value is < ' ' or 0x7f)
        {
            quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
        }
        else
        {
            quoted.Append(rune.IsBmp ? "\\u" : "\\U").Append(rune.Value.ToString(rune.IsBmp ? "x4" : "x8", CultureInfo.InvariantCulture));
        }
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
