using System.Globalization;
using System.Text;

namespace Capstan.Yaml;

/// <summary>Chooses how a string is printed: plain, quoted, or as a block of lines.</summary>
internal static class YamlText
{
    private const string Indicators = "#,[]{}&*!|>'\"%@`";

    /// <summary>The string, where a value may stand; <paramref name="indent"/> is that of the line it belongs to.</summary>
    public static void Append(StringBuilder text, string value, int indent)
    {
        if (value.Contains('\n', StringComparison.Ordinal) && IsBlockSafe(value)) Block(text, value, indent);
        else AppendOnOneLine(text, value, IsPlainSafe);
    }

    /// <summary>The string without a line break of its own. With a <c>*</c> it is quoted: some parsers look for an alias in the middle of a plain key.</summary>
    public static void AppendKey(StringBuilder text, string key) =>
        AppendOnOneLine(text, key, k => IsPlainSafe(k) && !k.Contains('*', StringComparison.Ordinal));

    private static void AppendOnOneLine(StringBuilder text, string value, Func<string, bool> isPlainSafe)
    {
        if (value.Length == 0 || !YamlScalar.ReadsAsString(value) || !IsPrintable(value, false))
            DoubleQuoted(text, value);
        else if (isPlainSafe(value)) text.Append(value);
        else text.Append('\'').Append(value.Replace("'", "''", StringComparison.Ordinal)).Append('\'');
    }

    private static bool IsPlainSafe(string value)
    {
        if (value[0] == ' ' || value[^1] is ' ' or ':') return false;
        if (Indicators.Contains(value[0], StringComparison.Ordinal)) return false;
        if (value[0] is '-' or '?' or ':' && (value.Length == 1 || value[1] == ' ')) return false;
        if (value == "<<" || value.StartsWith("---", StringComparison.Ordinal) || value.StartsWith("...", StringComparison.Ordinal)) return false;
        return !value.Contains(": ", StringComparison.Ordinal) && !value.Contains(" #", StringComparison.Ordinal);
    }

    private static bool IsBlockSafe(string value) =>
        IsPrintable(value, true)
        && value.TrimStart('\n', ' ').Length > 0
        && value[0] is not '\n'
        && value[^1] != ' '
        && !value.Contains(" \n", StringComparison.Ordinal);

    private static void Block(StringBuilder text, string value, int indent)
    {
        text.Append('|');
        if (value[0] == ' ') text.Append('2');
        var body = value.AsSpan();
        if (!value.EndsWith('\n')) text.Append('-');
        else if (value.EndsWith("\n\n", StringComparison.Ordinal)) text.Append('+');
        if (value.EndsWith('\n')) body = body[..^1];
        foreach (var line in body.Split('\n'))
        {
            text.Append('\n');
            if (!body[line].IsEmpty) text.Append(' ', indent + 2).Append(body[line]);
        }
    }

    private static bool IsPrintable(string value, bool breaks)
    {
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == '\n' && breaks) continue;
            if (char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1])) i++;
            else if (c < ' ' || c is >= '\u007F' and < '\u00A0' or '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF' || char.IsSurrogate(c)) return false;
        }

        return true;
    }

    private static void DoubleQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                default:
                    if (char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1])) text.Append(c).Append(value[++i]);
                    else if (IsPrintable(c.ToString(), false)) text.Append(c);
                    // Half a pair has no code point: it becomes the replacement character, as Go's encoder has it.
                    else if (char.IsSurrogate(c)) text.Append('\uFFFD');
                    else text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
                    break;
            }
        }

        text.Append('"');
    }
}
