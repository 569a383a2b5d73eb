using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Pattern = System.Text.RegularExpressions.Regex;

namespace Capstan.Cel.Tests.Reference;

/// <summary>Numbers as texts and texts as numbers.</summary>
internal static class RefNumbers
{
    private static readonly Pattern _intPattern = new(@"^[+-]?[0-9]+\z", RegexOptions.CultureInvariant);
    private static readonly Pattern _uintPattern = new(@"^[0-9]+\z", RegexOptions.CultureInvariant);
    private static readonly Pattern _doublePattern = new(@"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant);

    /// <summary>The shortest text: plain for exponents from -4 to 5, else with an exponent of two digits at least.</summary>
    public static string General(double value)
    {
        if (Special(value) is { } special)
        {
            return special;
        }

        var (sign, digits, exponent) = Digits(value);
        return exponent is >= -4 and < 6
            ? Plain(value)
            : $"{sign}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    /// <summary>The shortest digits without an exponent.</summary>
    public static string Plain(double value)
    {
        if (Special(value) is { } special)
        {
            return special;
        }

        var (sign, digits, exponent) = Digits(value);
        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }

        return digits.Length <= exponent + 1
            ? sign + digits.PadRight(exponent + 1, '0')
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    public static RefValue? ParseInt(string text) =>
        _intPattern.IsMatch(text) && RefValue.Int(BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)) is RefInt value
            ? value : null;

    public static RefValue? ParseUint(string text) =>
        _uintPattern.IsMatch(text) && RefValue.Uint(BigInteger.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)) is RefUint value ? value : null;

    public static RefValue? ParseDouble(string text)
    {
        if (_doublePattern.IsMatch(text))
        {
            var value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            return double.IsInfinity(value) ? null : new RefDouble(value);
        }

        return text.ToLowerInvariant() switch
        {
            "nan" => new RefDouble(double.NaN),
            "inf" or "+inf" or "infinity" or "+infinity" => new RefDouble(double.PositiveInfinity),
            "-inf" or "-infinity" => new RefDouble(double.NegativeInfinity),
            _ => null,
        };
    }

    private static string? Special(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsInfinity(value) ? (value > 0 ? "+Inf" : "-Inf") : value == 0 ? (double.IsNegative(value) ? "-0" : "0") : null;

    // The digits and the power of ten of the first of them.
    private static (string Sign, string Digits, int Exponent) Digits(double value)
    {
        var text = value.ToString("E16", CultureInfo.InvariantCulture);
        for (var precision = 0; precision <= 16; precision++)
        {
            var shorter = value.ToString("E" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (double.Parse(shorter, CultureInfo.InvariantCulture) == value)
            {
                text = shorter;
                break;
            }
        }

        var parts = text.TrimStart('-').Split('E');
        return (value < 0 ? "-" : "", parts[0].Replace(".", "", StringComparison.Ordinal), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
