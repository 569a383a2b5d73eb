using System.Globalization;
using System.Numerics;
using System.Text;

namespace Capstan.Cluster.Workloads.Hashes;

/// <summary>A quantity as Go holds it: in 64 bits where that is surely enough, with its text where that is sure to be its one form. Pure.</summary>
internal static class GoQuantity
{
    private const string Suffixes = "num kMGTPE";

    /// <param name="dump">Where to.</param>
    /// <param name="text">The quantity in its one form; null for none.</param>
    public static void Write(StringBuilder dump, string? text)
    {
        if (string.IsNullOrEmpty(text) || text == "0")
        {
            Write(dump, 0, 0, null, text ?? "", text is null ? "" : "DecimalSI");
            return;
        }

        var digits = text.TrimStart('-');
        var end = digits.AsSpan().IndexOfAnyExceptInRange('0', '9') is var at and >= 0 ? at : digits.Length;
        var (number, suffix) = (digits[..end], digits[end..]);
        var sign = digits.Length < text.Length ? -1 : 1;
        var (exponent, format) = Read(suffix);
        var isBinary = format == "BinarySI";
        var room = isBinary ? 15 - number.Length - (int)((float)exponent * 3 / 10) - 1 : 18 - number.Length;
        if (room < 0 || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            // In parts of 10^-9, as a number of any size.
            var large = BigInteger.Parse(number.Length == 0 ? "0" : number, CultureInfo.InvariantCulture) * sign;
            Write(dump, 0, 0, large * (isBinary ? BigInteger.Pow(2, exponent) * BigInteger.Pow(10, 9) : BigInteger.Pow(10, exponent + 9)), "", format);
            return;
        }

        var isOneForm = isBinary ? exponent % 10 == 0 && (value & 7) != 0 : exponent % 3 == 0 && !number.EndsWith("000", StringComparison.Ordinal) && number[0] != '0';
        Write(dump, sign * (isBinary ? value << exponent : value), isBinary ? 0 : exponent, null, isOneForm ? text : "", format);
    }

    private static (int Exponent, string Format) Read(string suffix) =>
        suffix.Length == 0 ? (0, "DecimalSI")
        : suffix.EndsWith('i') ? (10 * (1 + "KMGTPE".IndexOf(suffix[0], StringComparison.Ordinal)), "BinarySI")
        : suffix[0] is 'e' || (suffix[0] == 'E' && suffix.Length > 1) ? (int.Parse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), "DecimalExponent")
        : (3 * (Suffixes.IndexOf(suffix[0], StringComparison.Ordinal) - 3), "DecimalSI");

    private static void Write(StringBuilder dump, long value, int scale, BigInteger? large, string text, string format)
    {
        dump.Append(CultureInfo.InvariantCulture, $"{{i:(resource.int64Amount){{value:(int64){value} scale:(resource.Scale){scale}}} d:(resource.infDecAmount){{Dec:(*inf.Dec)");
        if (large is { } number)
        {
            var bytes = BigInteger.Abs(number).ToByteArray(isUnsigned: true);
            var words = bytes.Chunk(8).Select(static chunk => chunk.Reverse().Aggregate(0UL, static (word, one) => (word << 8) | one));
            dump.Append(CultureInfo.InvariantCulture, $"{{unscaled:(big.Int){{neg:(bool){(number.Sign < 0 ? "true" : "false")} abs:(big.nat)[{string.Join(' ', words)}]}} scale:(inf.Scale)9}}");
        }
        else
        {
            dump.Append("<nil>");
        }

        dump.Append(CultureInfo.InvariantCulture, $"}} s:(string){text} Format:(resource.Format){format}}}");
    }
}
