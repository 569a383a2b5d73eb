namespace Capstan.Cel.Values;

/// <summary>The encoders extension: standard base64; padding may be missing where it is read, line ends are skipped, spare bits are ignored.</summary>
internal static class CelBase64
{
    /// <summary>With padding.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes);

    /// <summary>False: no base64; <paramref name="position"/> is the byte (of the text in UTF-8) where it ends to be.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes, out int position)
    {
        bytes = [];
        position = 0;
        var digits = 0;
        var padding = 0;
        var firstPadding = -1;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '\r' or '\n') continue;
            if (c == '=')
            {
                if (padding++ == 0) firstPadding = i;
            }
            else if (padding > 0 || ValueOf(c) < 0)
            {
                position = padding > 0 ? firstPadding : i;
                return false;
            }
            else
            {
                digits++;
            }
        }

        if (padding > 0 ? (digits + padding) % 4 != 0 || padding > 2 : digits % 4 == 1)
        {
            position = padding > 0 ? firstPadding : text.Length - 1;
            return false;
        }

        bytes = new byte[digits * 3L / 4];
        Fill(text, bytes);
        return true;
    }

    private static void Fill(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        var buffer = 0;
        var bits = 0;
        var written = 0;
        foreach (var c in text)
        {
            var value = ValueOf(c);
            if (value < 0) continue;
            buffer = ((buffer << 6) | value) & 0xFFF;
            bits += 6;
            if (bits < 8) continue;
            bits -= 8;
            bytes[written++] = (byte)(buffer >> bits);
        }
    }

    private static int ValueOf(char c) => c switch
    {
        >= 'A' and <= 'Z' => c - 'A',
        >= 'a' and <= 'z' => c - 'a' + 26,
        >= '0' and <= '9' => c - '0' + 52,
        '+' => 62,
        '/' => 63,
        _ => -1,
    };
}
