using System.Globalization;

namespace Capstan.Cel.Values;

/// <summary>The decimal digits of a finite double: the value is 0.DIGITS x 10^Point. Zero has no digits. The buffer is the caller's.</summary>
internal ref struct DecimalDigits
{
    /// <summary>The room that any double needs, exactly printed (767 digits at most) with point and exponent.</summary>
    public const int BufferSize = 800;

    private readonly Span<char> _digits;

    private DecimalDigits(Span<char> digits, int length, int point)
    {
        _digits = digits;
        Length = length;
        Point = point;
    }

    /// <summary>How many digits; the last is not zero.</summary>
    public int Length { get; private set; }

    /// <summary>Where the decimal point is, counted from before the first digit.</summary>
    public int Point { get; private set; }

    /// <summary>The digits.</summary>
    public readonly ReadOnlySpan<char> Digits => _digits[..Length];

    /// <summary>All digits of the magnitude: every double is a finite decimal.</summary>
    public static DecimalDigits Exact(double value, Span<char> buffer) => Read(value, "E766", buffer);

    /// <summary>The fewest digits that read back as the same double.</summary>
    public static DecimalDigits Shortest(double value, Span<char> buffer) => Read(value, "R", buffer);

    /// <summary>The digit at <paramref name="index"/>, 0 beyond the last.</summary>
    public readonly char At(int index) => index >= 0 && index < Length ? _digits[index] : '0';

    /// <summary>Keeps <paramref name="count"/> digits (none when it is negative), to the nearest, halves to even.</summary>
    public void Round(int count)
    {
        if (count >= Length) return;
        var up = count >= 0 && (_digits[count] > '5' || (_digits[count] == '5' && (Length > count + 1 || (count > 0 && (_digits[count - 1] & 1) != 0))));
        Length = Math.Max(count, 0);
        if (up)
        {
            while (Length > 0 && _digits[Length - 1] == '9') Length--;
            if (Length == 0)
            {
                _digits[Length++] = '1';
                Point++;
            }
            else
            {
                _digits[Length - 1]++;
            }
        }

        Trim();
    }

    private static DecimalDigits Read(double value, string format, Span<char> buffer)
    {
        Math.Abs(value).TryFormat(buffer, out var written, format, CultureInfo.InvariantCulture);
        var exponent = 0;
        var mantissa = buffer[..written].IndexOf('E');
        if (mantissa >= 0) exponent = int.Parse(buffer[(mantissa + 1)..written], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        else mantissa = written;

        var length = 0;
        var point = -1;
        for (var i = 0; i < mantissa; i++)
        {
            if (buffer[i] == '.') point = i;
            else buffer[length++] = buffer[i];
        }

        if (point < 0) point = length;
        var zeros = 0;
        while (zeros < length && buffer[zeros] == '0') zeros++;
        var digits = new DecimalDigits(buffer[zeros..], length - zeros, point - zeros + exponent);
        digits.Trim();
        return digits;
    }

    private void Trim()
    {
        while (Length > 0 && _digits[Length - 1] == '0') Length--;
        if (Length == 0) Point = 0;
    }
}
