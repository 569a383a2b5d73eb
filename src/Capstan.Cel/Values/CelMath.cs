namespace Capstan.Cel.Values;

/// <summary>The functions of the math extension.</summary>
internal static class CelMath
{
    /// <summary>The greatest; of equal ones the first. NaN has no order and is an error, but alone it is the answer.</summary>
    public static CelErrorKind Greatest(ReadOnlySpan<CelNumber> values, out CelNumber result) => Extreme(values, 1, out result);

    /// <summary>The least; of equal ones the first.</summary>
    public static CelErrorKind Least(ReadOnlySpan<CelNumber> values, out CelNumber result) => Extreme(values, -1, out result);

    /// <summary>The next whole number upwards.</summary>
    public static double Ceil(double value) => Math.Ceiling(value);

    /// <summary>The next whole number downwards.</summary>
    public static double Floor(double value) => Math.Floor(value);

    /// <summary>The nearest whole number, halves away from zero.</summary>
    public static double Round(double value) => Math.Round(value, MidpointRounding.AwayFromZero);

    /// <summary>Without the fraction.</summary>
    public static double Trunc(double value) => Math.Truncate(value);

    /// <summary>The magnitude; false: the smallest int has none (int overflow).</summary>
    public static bool TryAbs(long value, out long result)
    {
        result = value < 0 ? unchecked(-value) : value;
        return result >= 0;
    }

    /// <summary>The magnitude.</summary>
    public static double Abs(double value) => Math.Abs(value);

    /// <summary>-1, 0 or 1.</summary>
    public static long Sign(long value) => Math.Sign(value);

    /// <summary>0 or 1.</summary>
    public static ulong Sign(ulong value) => value == 0 ? 0UL : 1UL;

    /// <summary>-1, 0 or 1; NaN of NaN.</summary>
    public static double Sign(double value) => double.IsNaN(value) ? value : value > 0 ? 1 : value < 0 ? -1 : 0;

    /// <summary>The square root, NaN below zero. Ints and uints are cast to double before.</summary>
    public static double Sqrt(double value) => Math.Sqrt(value);

    /// <summary>Is it NaN?</summary>
    public static bool IsNaN(double value) => double.IsNaN(value);

    /// <summary>Is it an infinity?</summary>
    public static bool IsInf(double value) => double.IsInfinity(value);

    /// <summary>Is it neither NaN nor an infinity?</summary>
    public static bool IsFinite(double value) => double.IsFinite(value);

    /// <summary>Shift to the left; from 64 bits on nothing is left.</summary>
    public static CelErrorKind ShiftLeft(long value, long bits, out long result)
    {
        var error = ShiftLeft((ulong)value, bits, out var shifted);
        result = (long)shifted;
        return error;
    }

    /// <inheritdoc cref="ShiftLeft(long, long, out long)"/>
    public static CelErrorKind ShiftLeft(ulong value, long bits, out ulong result)
    {
        result = bits is >= 0 and < 64 ? value << (int)bits : 0;
        return bits < 0 ? CelErrorKind.NegativeShiftLeft : CelErrorKind.None;
    }

    /// <summary>Shift to the right that fills with zeros, for negative ints too.</summary>
    public static CelErrorKind ShiftRight(long value, long bits, out long result)
    {
        var error = ShiftRight((ulong)value, bits, out var shifted);
        result = (long)shifted;
        return error;
    }

    /// <inheritdoc cref="ShiftRight(long, long, out long)"/>
    public static CelErrorKind ShiftRight(ulong value, long bits, out ulong result)
    {
        result = bits is >= 0 and < 64 ? value >> (int)bits : 0;
        return bits < 0 ? CelErrorKind.NegativeShiftRight : CelErrorKind.None;
    }

    private static CelErrorKind Extreme(ReadOnlySpan<CelNumber> values, int wanted, out CelNumber result)
    {
        result = default;
        if (values.IsEmpty) return CelErrorKind.EmptyList;
        result = values[0];
        foreach (var value in values[1..])
        {
            if (!CelNumber.TryCompare(value, result, out var order)) return CelErrorKind.NanOrdering;
            if (order == wanted) result = value;
        }

        return CelErrorKind.None;
    }
}
