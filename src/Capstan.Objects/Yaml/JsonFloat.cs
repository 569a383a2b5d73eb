using System.Globalization;

namespace Capstan.Yaml;

/// <summary>The spelling that Kubernetes' JSON encoder gives a 64-bit float: shortest that reads back, exponents only when very large or small.</summary>
internal static class JsonFloat
{
    public static string Write(double value)
    {
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var magnitude = Math.Abs(value);
        if (magnitude == 0) return shortest.StartsWith('-') ? "-0" : "0";
        var (sign, digits, exponent) = Split(shortest);
        if (magnitude is < 1e-6 or >= 1e21)
        {
            var mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
            return $"{sign}{mantissa}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent).ToString(CultureInfo.InvariantCulture)}";
        }

        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        if (digits.Length <= exponent + 1) return sign + digits.PadRight(exponent + 1, '0');
        return $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary>Significant digits without zeros around, and the power of ten of the first.</summary>
    private static (string Sign, string Digits, int Exponent) Split(string shortest)
    {
        var sign = shortest.StartsWith('-') ? "-" : "";
        var body = shortest[sign.Length..];
        var e = body.IndexOf('E', StringComparison.Ordinal);
        var exponent = e < 0 ? 0 : int.Parse(body.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? body : body[..e];
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? mantissa : mantissa[..dot];
        var all = dot < 0 ? mantissa : whole + mantissa[(dot + 1)..];
        var leadingZeros = all.Length - all.TrimStart('0').Length;
        return (sign, all.Trim('0'), exponent + whole.Length - 1 - leadingZeros);
    }
}
