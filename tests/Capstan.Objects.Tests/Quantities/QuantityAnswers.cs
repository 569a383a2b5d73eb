using System.Globalization;

namespace Capstan.Objects.Tests.Quantities;

/// <summary>What is asked of two quantities, in the order of the committed answers of Kubernetes' own code.</summary>
internal static class QuantityAnswers
{
    public static IReadOnlyList<string> Of(string first, string second)
    {
        if (!Quantity.TryParse(first, out var quantity, out var error))
        {
            return [error!];
        }

        List<string> answers = [quantity.ToString(), $"{quantity.Format}", $"{quantity.Sign}", Int64(quantity), Bits(quantity), quantity.Negate().ToString()];
        if (!Quantity.TryParse(second, out var other, out error))
        {
            return [.. answers, error!];
        }

        var sum = quantity.Add(other);
        return [.. answers, $"{quantity.CompareTo(other)}", sum.ToString(), $"{sum.Format}", Int64(sum), Bits(sum), quantity.Subtract(other).ToString(), quantity.Add(7).ToString()];
    }

    private static string Int64(Quantity quantity) => quantity.TryGetInt64(out var value) ? value.ToString(CultureInfo.InvariantCulture) : "-";

    private static string Bits(Quantity quantity) => BitConverter.DoubleToUInt64Bits(quantity.AsApproximateDouble()).ToString("x16", CultureInfo.InvariantCulture);
}
