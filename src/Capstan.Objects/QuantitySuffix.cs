using System.Globalization;

namespace Capstan;

/// <summary>The suffixes of quantities and what they stand for.</summary>
internal static class QuantitySuffix
{
    private static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    /// <summary>What a suffix says: an exponent of ten, or of two for <see cref="QuantityFormat.BinarySI"/>; null when there is none such.</summary>
    public static (int Exponent, QuantityFormat Format)? Read(string suffix)
    {
        if (Array.IndexOf(Decimal, suffix) is >= 0 and var power)
        {
            return (3 * (power - 3), QuantityFormat.DecimalSI);
        }

        if (Array.IndexOf(Binary, suffix) is > 0 and var binary)
        {
            return (10 * binary, QuantityFormat.BinarySI);
        }

        // The exponent is read in 64 bits and kept in 32, silently.
        return suffix.Length > 1 && suffix[0] is 'e' or 'E' && long.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            ? (unchecked((int)exponent), QuantityFormat.DecimalExponent)
            : null;
    }

    /// <summary>The suffix of a power of ten, a multiple of three. Kubernetes leaves it out where it has none, beyond E: so does this.</summary>
    public static string OfTen(int exponent, QuantityFormat format) =>
        exponent == 0 ? ""
        : format == QuantityFormat.DecimalExponent ? string.Create(CultureInfo.InvariantCulture, $"e{exponent}")
        : exponent is >= -9 and <= 18 ? Decimal[exponent / 3 + 3]
        : "";

    /// <summary>The suffix of a power of 1024.</summary>
    public static string Of1024(int exponent) => exponent < Binary.Length ? Binary[exponent] : "";
}
