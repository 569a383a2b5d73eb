using System.Runtime.CompilerServices;

namespace Capstan.Cel.Values;

/// <summary>Which of the three number types a <see cref="CelNumber"/> is.</summary>
internal enum CelNumberKind : byte
{
    /// <summary>int64.</summary>
    Int,

    /// <summary>uint64.</summary>
    Uint,

    /// <summary>IEEE 754 double.</summary>
    Double,
}

/// <summary>A number of any of the three types in 16 bytes, for functions that take them mixed.</summary>
internal readonly struct CelNumber : IEquatable<CelNumber>
{
    private readonly long _bits;

    private CelNumber(CelNumberKind kind, long bits) => (Kind, _bits) = (kind, bits);

    /// <summary>The type.</summary>
    public CelNumberKind Kind { get; }

    /// <summary>The value of an int.</summary>
    public long Int => _bits;

    /// <summary>The value of a uint.</summary>
    public ulong Uint => (ulong)_bits;

    /// <summary>The value of a double.</summary>
    public double Double => BitConverter.Int64BitsToDouble(_bits);

    /// <summary>An int.</summary>
    public static CelNumber Of(long value) => new(CelNumberKind.Int, value);

    /// <summary>A uint.</summary>
    public static CelNumber Of(ulong value) => new(CelNumberKind.Uint, (long)value);

    /// <summary>A double.</summary>
    public static CelNumber Of(double value) => new(CelNumberKind.Double, BitConverter.DoubleToInt64Bits(value));

    /// <summary>-1, 0 or 1 across the types; false: one is NaN.</summary>
    public static bool TryCompare(CelNumber left, CelNumber right, out int result)
    {
        switch (left.Kind, right.Kind)
        {
            case (CelNumberKind.Int, CelNumberKind.Int):
                result = left.Int.CompareTo(right.Int);
                return true;
            case (CelNumberKind.Int, CelNumberKind.Uint):
                result = CelNumbers.Compare(left.Int, right.Uint);
                return true;
            case (CelNumberKind.Int, CelNumberKind.Double):
                return CelNumbers.TryCompare(left.Int, right.Double, out result);
            case (CelNumberKind.Uint, CelNumberKind.Int):
                result = -CelNumbers.Compare(right.Int, left.Uint);
                return true;
            case (CelNumberKind.Uint, CelNumberKind.Uint):
                result = left.Uint.CompareTo(right.Uint);
                return true;
            case (CelNumberKind.Uint, CelNumberKind.Double):
                return CelNumbers.TryCompare(left.Uint, right.Double, out result);
            case (CelNumberKind.Double, CelNumberKind.Int):
                return Negated(CelNumbers.TryCompare(right.Int, left.Double, out result), ref result);
            case (CelNumberKind.Double, CelNumberKind.Uint):
                return Negated(CelNumbers.TryCompare(right.Uint, left.Double, out result), ref result);
            default:
                return CelNumbers.TryCompare(left.Double, right.Double, out result);
        }
    }

    /// <summary>CEL's <c>==</c> across the types; NaN equals nothing, not even itself.</summary>
    public bool Equals(CelNumber other) => TryCompare(this, other, out var order) && order == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CelNumber other && Equals(other);

    /// <summary>Equal for numbers that are equal across the types: all hash as the double they are cast to.</summary>
    public override int GetHashCode() => (Kind switch
    {
        CelNumberKind.Int => Int,
        CelNumberKind.Uint => Uint,
        _ => Double + 0.0,
    }).GetHashCode();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Negated(bool ordered, ref int result)
    {
        result = -result;
        return ordered;
    }
}
