using System.Globalization;
using System.Text.RegularExpressions;

namespace Capstan.Yaml;

/// <summary>What an unquoted scalar means to Kubernetes: YAML 1.1 as go-yaml v2 reads it.</summary>
internal static partial class YamlScalar
{
    private static readonly Dictionary<string, object?> Words = MakeWords();

    /// <summary>Null, <see cref="bool"/>, <see cref="long"/>, <see cref="ulong"/>, <see cref="double"/>, or the text itself.</summary>
    public static object? Resolve(string text)
    {
        if (text.Length == 0) return null;
        var first = text[0];
        if (char.IsAsciiLetter(first) || first is '~' or '.' or '+' or '-')
            if (Words.TryGetValue(text, out var word)) return word;
        if (first == '.') return DecimalFraction().IsMatch(text) && Float(text) is { } fraction ? fraction : text;
        return char.IsAsciiDigit(first) || first is '+' or '-' ? Number(text) ?? text : text;
    }

    /// <summary>Whether a string may be printed without quotes and is read back as a string, here and by YAML 1.1 readers that know dates and
    /// base-60 numbers.</summary>
    public static bool ReadsAsString(string text) =>
        Resolve(text) is string && !Timestamp().IsMatch(text) && !SexagesimalNumber().IsMatch(text);

    private static object? Number(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        var negative = digits.StartsWith('-');
        var magnitude = digits.AsSpan(negative || digits.StartsWith('+') ? 1 : 0);
        if (Magnitude(magnitude) is { } value)
        {
            if (!negative) return value <= long.MaxValue ? (long)value : digits[0] == '+' ? Float(digits) : value;
            if (value <= long.MaxValue) return -(long)value;
            if (value == 1UL << 63) return long.MinValue;
        }

        return DecimalNumber().IsMatch(digits) ? Float(digits) : null;
    }

    private static ulong? Magnitude(ReadOnlySpan<char> digits)
    {
        var radix = 10UL;
        if (digits.Length > 1 && digits[0] == '0')
        {
            radix = digits[1] switch { 'x' or 'X' => 16UL, 'b' or 'B' => 2UL, _ => 8UL };
            digits = digits[(digits[1] is 'x' or 'X' or 'b' or 'B' or 'o' or 'O' ? 2 : 1)..];
        }

        if (digits.IsEmpty) return null;
        var sum = 0UL;
        foreach (var c in digits)
        {
            if (!char.IsAsciiHexDigit(c)) return null;
            var digit = (ulong)Convert.ToInt32(c.ToString(), 16);
            if (digit >= radix || sum > (ulong.MaxValue - digit) / radix) return null;
            sum = sum * radix + digit;
        }

        return sum;
    }

    private static object? Float(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;

    private static Dictionary<string, object?> MakeWords()
    {
        var words = new Dictionary<string, object?>(StringComparer.Ordinal) { ["~"] = null };
        void Add(object? value, params ReadOnlySpan<string> spellings)
        {
            foreach (var spelling in spellings) words[spelling] = value;
        }

        Add(null, "null", "Null", "NULL");
        Add(true, "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
        Add(false, "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
        Add(double.NaN, ".nan", ".NaN", ".NAN");
        Add(double.PositiveInfinity, ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF");
        Add(double.NegativeInfinity, "-.inf", "-.Inf", "-.INF");
        return words;
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex DecimalNumber();

    [GeneratedRegex(@"^\.[0-9]+([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex DecimalFraction();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}([.,][0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Timestamp();

    [GeneratedRegex(@"^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SexagesimalNumber();
}
