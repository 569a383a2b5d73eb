using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Schemas;

/// <summary>Formats of strings that Kubernetes checks in custom resources; any other format is only a remark.</summary>
internal static class Formats
{
    private const RegexOptions Plain = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly Func<string, bool> ShortName = Pattern("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static readonly Func<string, bool> LongName = Pattern(@"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static readonly Func<string, bool> HyphenMac = Pattern("[0-9a-fA-F]{2}(-[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{2}(-[0-9a-fA-F]{2}){7}|[0-9a-fA-F]{2}(-[0-9a-fA-F]{2}){19}");
    private static readonly Func<string, bool> ColonMac = Pattern("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){7}|[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){19}");
    private static readonly Func<string, bool> DotMac = Pattern(@"[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4}){2}|[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4}){3}|[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4}){9}");
    private static readonly Func<string, bool> BareMac = Pattern("[0-9a-fA-F]{12}|[0-9a-fA-F]{16}|[0-9a-fA-F]{40}");
    private static readonly Func<string, bool> TimeOfDay = Pattern(@"[0-9]{2}:[0-9]{2}:[0-9]{2}(.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})");
    private static readonly Func<string, bool> RgbColor = Pattern(@"rgb\(([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])(,([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])){2}\)");

    // One label with at most one inner hyphen, or several of which the last has letters alone. Halves of surrogate pairs stand for symbols such as emoji.
    private static readonly Func<string, bool> Hostname = Pattern(
        @"[a-zA-Z0-9\p{S}\p{L}\p{Cs}](-?[a-zA-Z0-9\p{S}\p{L}\p{Cs}]{0,62})?|([a-zA-Z0-9\p{S}\p{L}\p{Cs}]([a-zA-Z0-9\-\p{S}\p{L}\p{Cs}]{0,61}[a-zA-Z0-9\p{S}\p{L}\p{Cs}])?\.)+[a-zA-Z\p{L}]{2,63}");

    // The name is compared without hyphens, so that "date-time" is "datetime".
    private static readonly Dictionary<string, Func<string, bool>> Checks = new(StringComparer.Ordinal)
    {
        ["bsonobjectid"] = Pattern("[0-9a-fA-F]{24}"),
        ["byte"] = text => text.Length > 0 && text.Length % 4 == 0 && Base64.IsValid(text) && !text.Any(char.IsWhiteSpace),
        ["cidr"] = IsCidr,
        ["creditcard"] = IsCreditCard,
        ["date"] = IsDate,
        ["datetime"] = IsDateTime,
        ["duration"] = DurationFormat.IsDuration,
        ["email"] = IsEmail,
        ["hexcolor"] = Pattern("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
        ["hostname"] = IsHostname,
        ["ipv4"] = text => text.Contains('.', StringComparison.Ordinal) && IsAddress(text),
        ["ipv6"] = text => text.Contains(':', StringComparison.Ordinal) && IsAddress(text),
        ["isbn"] = text => IsIsbn10(text) || IsIsbn13(text),
        ["isbn10"] = IsIsbn10,
        ["isbn13"] = IsIsbn13,
        ["k8slongname"] = text => text.Length <= 253 && LongName(text),
        ["k8sshortname"] = text => text.Length <= 63 && ShortName(text),
        ["mac"] = text => HyphenMac(text) || ColonMac(text) || DotMac(text) || BareMac(text),
        ["password"] = _ => true,
        ["rgbcolor"] = text => RgbColor(text.Replace(" ", "", StringComparison.Ordinal)),
        ["ssn"] = Pattern("[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}"),
        ["uri"] = UriFormat.IsRequestUri,
        ["uuid"] = Pattern("[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"),
        ["uuid3"] = Pattern("[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?3[0-9a-fA-F]{3}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"),
        ["uuid4"] = Pattern("[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?4[0-9a-fA-F]{3}-?[89abAB][0-9a-fA-F]{3}-?[0-9a-fA-F]{12}"),
        ["uuid5"] = Pattern("[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?5[0-9a-fA-F]{3}-?[89abAB][0-9a-fA-F]{3}-?[0-9a-fA-F]{12}"),
    };

    /// <summary>Whether a format is checked for values of a type; others are ignored.</summary>
    public static bool IsChecked(string? format, string type) => !string.IsNullOrEmpty(format) && type switch
    {
        "" or "string" => Checks.ContainsKey(Key(format)),
        "integer" => format is "int32" or "int64",
        "number" => format is "float" or "double",
        _ => false,
    };

    /// <summary>Whether a string has the format; true for formats that are not checked.</summary>
    public static bool Matches(string format, string text) => !Checks.TryGetValue(Key(format), out var check) || check(text);

    private static string Key(string format) => format.Replace("-", "", StringComparison.Ordinal);

    private static Func<string, bool> Pattern(string whole)
    {
        var regex = new Lazy<Regex>(() => new Regex($@"\A(?:{whole})\z", Plain));
        return text => regex.Value.IsMatch(text);
    }

    private static bool IsDate(string text) =>
        text.Length == 10 && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsDateTime(string text)
    {
        var parts = text.ToLowerInvariant().Split('t');
        if (parts.Length < 2 || !IsDate(parts[0]) || !TimeOfDay(parts[1]))
        {
            return false;
        }

        return string.CompareOrdinal(parts[1], 0, "23", 0, 2) <= 0 && parts[1][3] <= '5' && parts[1][6] <= '5';
    }

    private static bool IsAddress(string text) => text.Contains(':', StringComparison.Ordinal)
        ? IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && !text.Contains('%', StringComparison.Ordinal)
            && !text.Contains('[', StringComparison.Ordinal)
        : text.Split('.') is { Length: 4 } parts && parts.All(part => part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit) && int.Parse(part, CultureInfo.InvariantCulture) < 256);

    private static bool IsCidr(string text) =>
        text.Split('/') is [var address, var bits] && IsAddress(address) && bits.Length is > 0 and < 4 && bits.All(char.IsAsciiDigit)
        && int.Parse(bits, CultureInfo.InvariantCulture) <= (address.Contains(':', StringComparison.Ordinal) ? 128 : 32);

    private static bool IsEmail(string text)
    {
        var open = text.IndexOf('<', StringComparison.Ordinal);
        var address = open >= 0 && text.EndsWith('>') ? text[(open + 1)..^1] : text.Trim();
        var at = address.LastIndexOf('@');
        return at > 0 && at < address.Length - 1 && !address.AsSpan(at + 1).ContainsAny(" @<>,;()\"") && (address[0] == '"' || !address.AsSpan(0, at).ContainsAny(" @<>,;()\"[]:"))
            && !address.StartsWith('.') && !address.Contains("..", StringComparison.Ordinal) && address[at - 1] != '.' && address[^1] != '.';
    }

    private static bool IsHostname(string text) =>
        Encoding.UTF8.GetByteCount(text) <= 255 && Hostname(text) && text.Split('.').All(label => Encoding.UTF8.GetByteCount(label) <= 63);

    private static bool IsIsbn10(string text)
    {
        var digits = WithoutSeparators(text);
        if (digits.Length != 10 || !digits.AsSpan(0, 9).ToArray().All(char.IsAsciiDigit) || !(char.IsAsciiDigit(digits[9]) || digits[9] == 'X'))
        {
            return false;
        }

        var sum = digits[9] == 'X' ? 100 : 10 * (digits[9] - '0');
        for (var i = 0; i < 9; i++)
        {
            sum += (i + 1) * (digits[i] - '0');
        }

        return sum % 11 == 0;
    }

    private static bool IsIsbn13(string text)
    {
        var digits = WithoutSeparators(text);
        return digits.Length == 13 && digits.All(char.IsAsciiDigit) && digits.Select((digit, i) => (digit - '0') * (i % 2 == 0 ? 1 : 3)).Sum() % 10 == 0;
    }

    private static bool IsCreditCard(string text)
    {
        var digits = string.Concat(text.Where(char.IsAsciiDigit));
        var sum = digits.Reverse().Select((digit, i) => i % 2 == 0 ? digit - '0' : (digit - '0') * 2 % 10 + (digit - '0') / 5).Sum();
        return digits.Length is >= 13 and <= 16 && "3456".Contains(digits[0], StringComparison.Ordinal) && sum % 10 == 0;
    }

    private static string WithoutSeparators(string text) => text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
}
