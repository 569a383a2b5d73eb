using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Capstan.Cel.Documents;

/// <summary>JSON's escapes. What is no UTF-8, and half of a surrogate pair, becomes U+FFFD.</summary>
internal static class EscapedText
{
    /// <summary>The UTF-16 unit of <c>\uXXXX</c>.</summary>
    public static bool TryHex(ReadOnlySpan<byte> escape, out char unit)
    {
        var valid = Utf8Parser.TryParse(escape.Slice(2, 4), out ushort value, out var read, 'X') && read == 4;
        unit = (char)value;
        return valid;
    }

    /// <summary>How much of a text that is no UTF-8 is.</summary>
    public static int FirstFault(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    /// <summary>The text of what stands between the quotes; every escape in it is valid.</summary>
    public static string Decode(ReadOnlySpan<byte> raw)
    {
        var escape = raw.IndexOf((byte)'\\');
        if (escape < 0)
        {
            return Encoding.UTF8.GetString(raw);
        }

        var result = new StringBuilder(raw.Length);
        while (escape >= 0)
        {
            Append(result, raw[..escape]);
            raw = raw[escape..];
            var length = AppendEscape(result, raw);
            raw = raw[length..];
            escape = raw.IndexOf((byte)'\\');
        }

        Append(result, raw);
        return result.ToString();
    }

    /// <summary>The same as UTF-8, into an array that has room: no text grows by being decoded but for a byte that is no UTF-8, to three.</summary>
    public static int Decode(ReadOnlySpan<byte> raw, Span<byte> utf8)
    {
        Utf8.FromUtf16(Decode(raw), utf8, out _, out var written);
        return written;
    }

    private static void Append(StringBuilder result, ReadOnlySpan<byte> part) => result.Append(Encoding.UTF8.GetString(part));

    private static int AppendEscape(StringBuilder result, ReadOnlySpan<byte> raw)
    {
        if (raw[1] != 'u')
        {
            result.Append(raw[1] switch
            {
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                var same => (char)same,
            });
            return 2;
        }

        TryHex(raw, out var unit);
        if (char.IsHighSurrogate(unit) && raw.Length >= 12 && raw[6] == '\\' && raw[7] == 'u'
            && TryHex(raw[6..], out var low) && char.IsLowSurrogate(low))
        {
            result.Append(unit).Append(low);
            return 12;
        }

        result.Append(char.IsSurrogate(unit) ? '\uFFFD' : unit);
        return 6;
    }
}
