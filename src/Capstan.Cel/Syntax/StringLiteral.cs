using System.Buffers;
using System.Text;

namespace Capstan.Cel.Syntax;

/// <summary>
/// The value of a string or bytes token. Line ends become LF, also in raw strings. In a string <c>\x</c> and octal escapes are code points,
/// in bytes they are octets and <c>\u</c> is an error.
/// </summary>
internal static class StringLiteral
{
    private const string BadEscape = "unable to unescape string";
    private const string BadCodePoint = "invalid unicode code point";

    private static readonly SearchValues<char> _special = SearchValues.Create("\\\r");

    /// <summary>The string, or null with what is wrong.</summary>
    public static string? ReadString(ReadOnlySpan<char> token, out string? error)
    {
        var body = Body(token, out var isRaw);
        error = HasLoneSurrogate(body) ? BadCodePoint : null;
        if (error is not null)
        {
            return null;
        }

        if (body.IndexOfAny(_special) < 0)
        {
            return body.ToString();
        }

        var value = new StringBuilder(body.Length);
        for (var i = 0; i < body.Length;)
        {
            if (body[i] == '\\' && !isRaw)
            {
                if (!TryReadEscape(body, ref i, isBytes: false, out var codePoint, out error))
                {
                    return null;
                }

                value.Append(new Rune(codePoint).ToString());
            }
            else
            {
                value.Append(Next(body, ref i));
            }
        }

        return value.ToString();
    }

    /// <summary>The bytes, or null with what is wrong. Characters stand for their UTF-8.</summary>
    public static byte[]? ReadBytes(ReadOnlySpan<char> token, out string? error)
    {
        var body = Body(token[1..], out var isRaw);
        error = HasLoneSurrogate(body) ? BadCodePoint : null;
        if (error is not null)
        {
            return null;
        }

        var value = new ArrayBufferWriter<byte>(Encoding.UTF8.GetMaxByteCount(body.Length));
        for (var i = 0; i < body.Length;)
        {
            if (body[i] == '\\' && !isRaw)
            {
                if (!TryReadEscape(body, ref i, isBytes: true, out var octet, out error))
                {
                    return null;
                }

                value.Write([(byte)octet]);
            }
            else if (char.IsHighSurrogate(body[i]))
            {
                Encoding.UTF8.GetBytes(body.Slice(i, 2), value);
                i += 2;
            }
            else
            {
                Encoding.UTF8.GetBytes([Next(body, ref i)], value);
            }
        }

        return value.WrittenSpan.ToArray();
    }

    private static ReadOnlySpan<char> Body(ReadOnlySpan<char> token, out bool isRaw)
    {
        isRaw = token[0] is 'r' or 'R';
        token = isRaw ? token[1..] : token;
        var quotes = token.Length >= 6 && token[1] == token[0] && token[2] == token[0] ? 3 : 1;
        return token[quotes..^quotes];
    }

    private static char Next(ReadOnlySpan<char> body, ref int i)
    {
        var c = body[i++];
        if (c != '\r')
        {
            return c;
        }

        i += i < body.Length && body[i] == '\n' ? 1 : 0;
        return '\n';
    }

    private static bool TryReadEscape(ReadOnlySpan<char> body, ref int i, bool isBytes, out int value, out string? error)
    {
        var c = i + 1 < body.Length ? body[i + 1] : '\0';
        i += 2;
        value = c switch
        {
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            '\\' or '\'' or '"' or '`' or '?' => c,
            'x' or 'X' => Digits(body, ref i, 2, 16),
            'u' when !isBytes => Digits(body, ref i, 4, 16),
            'U' when !isBytes => Digits(body, ref i, 8, 16),
            >= '0' and <= '3' => Octal(body, ref i),
            _ => -1,
        };
        error = value switch
        {
            -1 => BadEscape,
            > 0x10FFFF or (>= 0xD800 and <= 0xDFFF) => BadCodePoint,
            _ => null,
        };
        return error is null;
    }

    private static int Octal(ReadOnlySpan<char> body, ref int i)
    {
        i--;
        return Digits(body, ref i, 3, 8);
    }

    // Minus 1: no such digits there.
    private static int Digits(ReadOnlySpan<char> body, ref int i, int count, int radix)
    {
        if (i + count > body.Length)
        {
            return -1;
        }

        var value = 0u;
        foreach (var c in body.Slice(i, count))
        {
            if (!char.IsAsciiHexDigit(c) || (radix == 8 && c > '7'))
            {
                return -1;
            }

            value = (value * (uint)radix) + (uint)(char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
        }

        i += count;
        return value > 0x10FFFF ? int.MaxValue : (int)value;
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<char> text)
    {
        for (var i = text.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
            {
                return true;
            }
        }

        return false;
    }
}
