using System.Runtime.CompilerServices;

namespace Capstan.Cel.Values;

/// <summary>Arithmetic, order and equality of int, uint and double. The three never mix in arithmetic, but are one line in comparisons.</summary>
internal static class CelNumbers
{
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    /// <summary><c>left + right</c>; false: int overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAdd(long left, long right, out long result)
    {
        result = unchecked(left + right);
        return ((left ^ result) & (right ^ result)) >= 0;
    }

    /// <summary><c>left - right</c>; false: int overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySubtract(long left, long right, out long result)
    {
        result = unchecked(left - right);
        return ((left ^ right) & (left ^ result)) >= 0;
    }

    /// <summary><c>left * right</c>; false: int overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMultiply(long left, long right, out long result)
    {
        var high = Math.BigMul(left, right, out result);
        return high == result >> 63;
    }

    /// <summary><c>left / right</c>, towards zero.</summary>
    public static CelErrorKind Divide(long left, long right, out long result)
    {
        result = 0;
        if (right == 0) return CelErrorKind.DivisionByZero;
        if (right == -1) return TryNegate(left, out result) ? CelErrorKind.None : CelErrorKind.IntOverflow;
        result = left / right;
        return CelErrorKind.None;
    }

    /// <summary><c>left % right</c>, with the sign of <paramref name="left"/>. The smallest int by -1 is an overflow, as in cel-go.</summary>
    public static CelErrorKind Modulo(long left, long right, out long result)
    {
        result = 0;
        if (right == 0) return CelErrorKind.ModulusByZero;
        if (right == -1) return left == long.MinValue ? CelErrorKind.IntOverflow : CelErrorKind.None;
        result = left % right;
        return CelErrorKind.None;
    }

    /// <summary><c>-value</c>; false: int overflow.</summary>
    public static bool TryNegate(long value, out long result)
    {
        result = unchecked(-value);
        return value != long.MinValue;
    }

    /// <summary><c>left + right</c>; false: uint overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAdd(ulong left, ulong right, out ulong result)
    {
        result = unchecked(left + right);
        return result >= left;
    }

    /// <summary><c>left - right</c>; false: below zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySubtract(ulong left, ulong right, out ulong result)
    {
        result = unchecked(left - right);
        return left >= right;
    }

    /// <summary><c>left * right</c>; false: uint overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMultiply(ulong left, ulong right, out ulong result) => Math.BigMul(left, right, out result) == 0;

    /// <summary><c>left / right</c>.</summary>
    public static CelErrorKind Divide(ulong left, ulong right, out ulong result)
    {
        result = right == 0 ? 0 : left / right;
        return right == 0 ? CelErrorKind.DivisionByZero : CelErrorKind.None;
    }

    /// <summary><c>left % right</c>.</summary>
    public static CelErrorKind Modulo(ulong left, ulong right, out ulong result)
    {
        result = right == 0 ? 0 : left % right;
        return right == 0 ? CelErrorKind.ModulusByZero : CelErrorKind.None;
    }

    /// <summary><c>int(double)</c>: truncates; false: not strictly between -2^63 and 2^63 (both ends excluded), or NaN.</summary>
    public static bool TryToInt(double value, out long result)
    {
        if (value > -TwoTo63 && value < TwoTo63)
        {
            result = (long)value;
            return true;
        }

        result = 0;
        return false;
    }

    /// <summary><c>uint(double)</c>: truncates; false: below zero, from 2^64 on, or NaN.</summary>
    public static bool TryToUint(double value, out ulong result)
    {
        if (value >= 0 && value < TwoTo64)
        {
            result = (ulong)value;
            return true;
        }

        result = 0;
        return false;
    }

    /// <summary>The int that equals <paramref name="value"/>, as map keys are found by doubles; false: there is none.</summary>
    public static bool TryLosslessInt(double value, out long result) => TryToInt(value, out result) && result == value;

    /// <summary>The uint that equals <paramref name="value"/>; false: there is none.</summary>
    public static bool TryLosslessUint(double value, out ulong result) => TryToUint(value, out result) && result == value;

    /// <summary>-1, 0 or 1 of an int and a uint.</summary>
    public static int Compare(long left, ulong right) => left < 0 ? -1 : ((ulong)left).CompareTo(right);

    /// <summary>-1, 0 or 1; false: one is NaN, which has no order.</summary>
    public static bool TryCompare(double left, double right, out int result)
    {
        result = left < right ? -1 : left > right ? 1 : 0;
        return result != 0 || left == right;
    }

    /// <summary>
    /// -1, 0 or 1 of an int and a double; false: NaN. Within the range of int the int is cast to double, which loses: the largest int equals 2^63.
    /// </summary>
    public static bool TryCompare(long left, double right, out int result)
    {
        if (right < -TwoTo63) result = 1;
        else if (right > TwoTo63) result = -1;
        else return TryCompare((double)left, right, out result);
        return true;
    }

    /// <summary>-1, 0 or 1 of a uint and a double; false: NaN. The uint is cast to double, which loses beyond 2^53.</summary>
    public static bool TryCompare(ulong left, double right, out int result)
    {
        if (right < 0) result = 1;
        else if (right > TwoTo64) result = -1;
        else return TryCompare((double)left, right, out result);
        return true;
    }

    /// <summary>Equality of an int and a uint as numbers.</summary>
    public static bool AreEqual(long left, ulong right) => left >= 0 && (ulong)left == right;

    /// <summary>Equality of an int and a double, lossy as the order is; NaN equals nothing.</summary>
    public static bool AreEqual(long left, double right) => left == right;

    /// <summary>Equality of a uint and a double, lossy as the order is; NaN equals nothing.</summary>
    public static bool AreEqual(ulong left, double right) => left == right;
}
