using System.Globalization;
using System.Text;

namespace Capstan.Cel.Values;

/// <summary>
/// <c>%s</c>, <c>%f</c> and <c>%e</c> of the formatter that Kubernetes pins: within lists and maps values print as CEL literals, and doubles as
/// American English writes them: groups of three, <c>×10⁰⁰</c>, <c>∞</c>.
/// </summary>
internal static class LiteralFormat
{
    /// <summary>The error of lists within lists without end.</summary>
    public const string TooDeep = "value is nested too deeply to be formatted";

    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>The error of a value that no verb prints.</summary>
    public static string Refusal(string type) =>
        $"string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given {type}";

    /// <summary>Entries by the text of their keys, by code point; equal ones keep their order.</summary>
    public static IComparer<(string Key, T Value)> ByKey<T>() => Comparer<(string Key, T Value)>.Create((left, right) => CelText.Compare(left.Key, right.Key));

    /// <summary>A value alone, as <c>string()</c> has it.</summary>
    public static bool TryWrite<T>(T value, StringBuilder text, out string? error)
        where T : ICelFormatValue<T>
    {
        error = null;
        switch (value.Kind)
        {
            case CelFormatKind.Double: text.Append(CelNumberText.General(value.Double)); return true;
            case CelFormatKind.Timestamp: text.Append(value.Timestamp.ToString()); return true;
            case CelFormatKind.Duration: text.Append(value.Duration.ToString()); return true;
            case CelFormatKind.String or CelFormatKind.Type: text.Append(value.String); return true;
            case CelFormatKind.Bytes: return TryBytes(value, text, quoted: false, out error);
            default: return TryLiteral(value, text, 0, out error);
        }
    }

    /// <summary><c>%f</c>.</summary>
    public static void AppendFixed(double value, int precision, StringBuilder text) =>
        text.Append(double.IsFinite(value) ? CelNumberText.Fixed(value == 0 ? 0 : value, precision, grouped: true) : NotFinite(value));

    /// <summary><c>%e</c>: cel-go takes the precision for the width here, and always has six decimals.</summary>
    public static void AppendScientific(double value, int width, StringBuilder text)
    {
        if (!double.IsFinite(value))
        {
            text.Append(NotFinite(value).PadLeft(width));
            return;
        }

        var number = CelNumberText.Scientific(value == 0 ? 0 : value, 6);
        var exponent = number.IndexOf('e');
        var written = new StringBuilder(number, 0, exponent, width + 16).Append("×10");
        if (number[exponent + 1] == '-') written.Append('⁻');
        foreach (var digit in number.AsSpan(exponent + 2)) written.Append(Superscripts[digit - '0']);
        text.Append(' ', Math.Max(width - written.Length, 0)).Append(written);
    }

    private static bool TryLiteral<T>(T value, StringBuilder text, int depth, out string? error)
        where T : ICelFormatValue<T>
    {
        error = null;
        switch (value.Kind)
        {
            case CelFormatKind.Null: text.Append("null"); return true;
            case CelFormatKind.Bool: text.Append(value.Bool ? "true" : "false"); return true;
            case CelFormatKind.Int: text.Append(value.Int); return true;
            case CelFormatKind.Uint: text.Append(value.Uint); return true;
            case CelFormatKind.Double: AppendDoubleLiteral(value.Double, text); return true;
            case CelFormatKind.String: AppendQuoted(value.String, text); return true;
            case CelFormatKind.Type: text.Append(value.String); return true;
            case CelFormatKind.Bytes: return TryBytes(value, text, quoted: true, out error);
            case CelFormatKind.Timestamp: text.Append(CultureInfo.InvariantCulture, $"timestamp(\"{value.Timestamp}\")"); return true;
            case CelFormatKind.Duration: text.Append(CultureInfo.InvariantCulture, $"duration(\"{value.Duration}\")"); return true;
            case CelFormatKind.List or CelFormatKind.Map when depth >= CelFormat.MaxDepth: error = TooDeep; return false;
            case CelFormatKind.List: return TryList(value, text, depth, out error);
            case CelFormatKind.Map: return TryMap(value, text, depth, out error);
            default: error = depth == 0 ? Refusal(value.TypeName) : $"no formatting function for {value.TypeName}"; return false;
        }
    }

    private static bool TryList<T>(T list, StringBuilder text, int depth, out string? error)
        where T : ICelFormatValue<T>
    {
        error = null;
        text.Append('[');
        for (var i = 0; i < list.Count; i++)
        {
            if (i > 0) text.Append(", ");
            if (!TryLiteral(list.Element(i), text, depth + 1, out error)) return false;
        }

        text.Append(']');
        return true;
    }

    private static bool TryMap<T>(T map, StringBuilder text, int depth, out string? error)
        where T : ICelFormatValue<T>
    {
        error = null;
        var entries = new (string Key, T Value)[map.Count];
        for (var i = 0; i < entries.Length; i++)
        {
            var (key, value) = map.Entry(i);
            if (key.Kind is not (CelFormatKind.String or CelFormatKind.Bool or CelFormatKind.Int or CelFormatKind.Uint))
            {
                error = $"no formatting function for map key of type {key.TypeName}";
                return false;
            }

            var keyText = new StringBuilder();
            TryLiteral(key, keyText, depth + 1, out _);
            entries[i] = (keyText.ToString(), value);
        }

        text.Append('{');
        var first = true;
        foreach (var (key, value) in entries.Order(ByKey<T>()))
        {
            if (!first) text.Append(", ");
            first = false;
            text.Append(key).Append(':');
            if (!TryLiteral(value, text, depth + 1, out error)) return false;
        }

        text.Append('}');
        return true;
    }

    private static string NotFinite(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";

    private static void AppendDoubleLiteral(double value, StringBuilder text)
    {
        if (double.IsFinite(value)) text.Append(CelNumberText.Fixed(value, 6, grouped: false));
        else text.Append('"').Append(CelNumberText.General(value)).Append('"');
    }

    private static bool TryBytes<T>(T value, StringBuilder text, bool quoted, out string? error)
        where T : ICelFormatValue<T>
    {
        error = null;
        if (!CelUtf8.TryString(value.Bytes, out var decoded))
        {
            error = $"could not convert argument \"{CelErrorText.Of(CelErrorKind.InvalidUtf8)}\" to string";
            return false;
        }

        if (quoted) AppendQuoted(decoded, text.Append('b'));
        else text.Append(decoded);
        return true;
    }

    // Go's quoting: escapes also for what is not to be seen.
    private static void AppendQuoted(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            var escape = CelText.EscapeOf(rune.Value);
            if (escape != 0) text.Append('\\').Append(escape);
            else if (IsPrintable(rune)) text.Append(rune);
            else if (rune.Value < 0x80) text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
            else if (rune.IsBmp) text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else text.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
        }

        text.Append('"');
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
