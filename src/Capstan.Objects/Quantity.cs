using System.Numerics;
using System.Text.Json.Serialization;

namespace Capstan;

/// <summary>An amount of a resource as Kubernetes writes it (<c>500m</c>, <c>1Gi</c>, <c>1e3</c>): a decimal of any length, never a floating-point number.</summary>
/// <remarks>
/// Parsing keeps nine decimal places (the rest is rounded away from zero) and caps binary amounts at 2^63-1. Equality and order are by
/// value: <c>1</c> equals <c>1000m</c>. The default is zero. Immutable, so safe to share between threads.
/// </remarks>
[JsonConverter(typeof(QuantityConverter))]
public readonly struct Quantity : IEquatable<Quantity>, IComparable<Quantity>
{
    /// <summary>The most decimal digits by which one amount is shifted to meet another: beyond, a sum would be mostly zeros and all memory.</summary>
    internal const int MaxShift = 10_000;

    private readonly BigInteger _mantissa;
    private readonly int _scale;

    // Kubernetes holds small amounts as int64 and scale, others as a big decimal, and only tells small ones as integers.
    private readonly bool _wide;
    private readonly string? _written;

    internal Quantity(BigInteger mantissa, int scale, QuantityFormat format, bool wide, string? written = null)
    {
        (_mantissa, _scale, Format, _wide, _written) = (mantissa, scale, format, wide, written);
    }

    /// <summary>The suffixes in which the amount is written.</summary>
    public QuantityFormat Format { get; }

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => _mantissa.Sign;

    /// <summary>Whether <see cref="AsInt64"/> has an answer. As in Kubernetes this is about the notation too: <c>1000m</c> and <c>1Pi</c> are not.</summary>
    public bool IsInteger => TryGetInt64(out _);

    /// <summary>A whole amount.</summary>
    public static Quantity FromInt64(long value, QuantityFormat format = QuantityFormat.DecimalSI) => new(value, 0, format, wide: false);

    /// <summary>Reads an amount.</summary>
    /// <exception cref="FormatException">It is none; the message is Kubernetes'.</exception>
    public static Quantity Parse(string text) => TryParse(text, out var quantity, out var error) ? quantity : throw new FormatException(error);

    /// <summary>Reads an amount; <paramref name="error"/> says in Kubernetes' words why it is none.</summary>
    public static bool TryParse(string? text, out Quantity quantity, out string? error)
    {
        (quantity, error) = QuantityReader.Read(text ?? "");
        return error is null;
    }

    /// <summary>The amount as a whole number.</summary>
    /// <exception cref="OverflowException">See <see cref="IsInteger"/>.</exception>
    public long AsInt64() => TryGetInt64(out var value) ? value : throw new OverflowException("cannot convert value to integer");

    /// <summary>The amount as a whole number, when <see cref="IsInteger"/>.</summary>
    public bool TryGetInt64(out long value)
    {
        value = 0;
        if (_wide || _scale < 0 || (_scale > 18 && Sign != 0))
        {
            return false;
        }

        var whole = Sign == 0 ? 0 : _mantissa * BigInteger.Pow(10, _scale);
        if (whole < long.MinValue || whole > long.MaxValue)
        {
            return false;
        }

        value = (long)whole;
        return true;
    }

    /// <summary>The nearest floating-point number, give or take the last bit; infinite when out of range.</summary>
    public double AsApproximateDouble() => _scale == 0 ? QuantityRounding.ToDouble(_mantissa) : QuantityRounding.ToDouble(_mantissa) * QuantityRounding.Pow10(_scale);

    /// <summary>The sum; its format is that of this amount, or of <paramref name="other"/> when this one is zero.</summary>
    /// <exception cref="OverflowException">The amounts lie more than 10,000 decimal digits apart.</exception>
    public Quantity Add(Quantity other)
    {
        var format = Sign == 0 ? other.Format : Format;
        var wide = _wide || other._wide;
        var distance = Math.Abs((long)_scale - other._scale);
        if ((Sign == 0 || other.Sign == 0) && (!wide || distance > MaxShift))
        {
            var kept = other.Sign == 0 ? this : other;
            return new(kept._mantissa, kept._scale, format, wide);
        }

        var scale = Math.Min(_scale, other._scale);
        var left = Shifted(_mantissa, (long)_scale - scale);
        var right = Shifted(other._mantissa, (long)other._scale - scale);
        var sum = left + right;
        return new(sum, scale, format, wide || !IsSmall(left) || !IsSmall(right) || !IsSmall(sum));
    }

    /// <summary>The sum with a whole number.</summary>
    /// <exception cref="OverflowException">As the other overload.</exception>
    public Quantity Add(long other) => Add(FromInt64(other, QuantityFormat.DecimalExponent));

    /// <summary>The difference; its format is that of this amount, or of <paramref name="other"/> when this one is zero.</summary>
    /// <exception cref="OverflowException">The amounts lie more than 10,000 decimal digits apart.</exception>
    public Quantity Subtract(Quantity other) => Add(other.Negate());

    /// <summary>The difference to a whole number.</summary>
    /// <exception cref="OverflowException">As the other overload.</exception>
    public Quantity Subtract(long other) => Subtract(FromInt64(other, QuantityFormat.DecimalExponent));

    /// <summary>The same amount on the other side of zero.</summary>
    public Quantity Negate() => new(-_mantissa, _scale, Format, _wide || !IsSmall(-_mantissa));

    /// <inheritdoc/>
    public int CompareTo(Quantity other)
    {
        if (_scale == other._scale || Sign != other.Sign || Sign == 0)
        {
            return Math.Sign(_scale == other._scale ? _mantissa.CompareTo(other._mantissa) : Sign.CompareTo(other.Sign));
        }

        // Magnitudes first: aligning numbers that lie far apart would cost what their distance is.
        var (low, high) = Magnitude();
        var (otherLow, otherHigh) = other.Magnitude();
        if (low > otherHigh || otherLow > high)
        {
            return low > otherHigh ? Sign : -Sign;
        }

        var scale = Math.Min(_scale, other._scale);
        return Math.Sign((_mantissa * BigInteger.Pow(10, _scale - scale)).CompareTo(other._mantissa * BigInteger.Pow(10, other._scale - scale)));
    }

    /// <inheritdoc/>
    public bool Equals(Quantity other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var (mantissa, tens) = QuantityRounding.WithoutTens(_mantissa);
        return Sign == 0 ? 0 : HashCode.Combine(mantissa, unchecked(_scale + tens));
    }

    /// <summary>The canonical text: no fraction, the largest suffix that loses nothing. What was read in canonical form is written as it was.</summary>
    public override string ToString() => _written ?? QuantityWriter.Write(_mantissa, _scale, Format);

    /// <summary>Whether both are the same amount.</summary>
    public static bool operator ==(Quantity left, Quantity right) => left.Equals(right);

    /// <summary>Whether the amounts differ.</summary>
    public static bool operator !=(Quantity left, Quantity right) => !left.Equals(right);

    /// <summary>Whether <paramref name="left"/> is less.</summary>
    public static bool operator <(Quantity left, Quantity right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> is more.</summary>
    public static bool operator >(Quantity left, Quantity right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> is not more.</summary>
    public static bool operator <=(Quantity left, Quantity right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> is not less.</summary>
    public static bool operator >=(Quantity left, Quantity right) => left.CompareTo(right) >= 0;

    private static bool IsSmall(BigInteger value) => value >= long.MinValue && value <= long.MaxValue;

    private static BigInteger Shifted(BigInteger mantissa, long digits) => digits switch
    {
        0 => mantissa,
        <= MaxShift => mantissa * BigInteger.Pow(10, (int)digits),
        _ => throw new OverflowException("quantities are too far apart to be added"),
    };

    /// <summary>Bounds of the decimal logarithm of the amount.</summary>
    private (double Low, double High) Magnitude()
    {
        const double DigitsPerBit = 0.30102999566398120;
        var bits = BigInteger.Abs(_mantissa).GetBitLength();
        return (_scale + (bits - 1) * DigitsPerBit - 1, _scale + bits * DigitsPerBit + 1);
    }
}
