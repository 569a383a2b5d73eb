using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;

namespace Capstan.Cel.Documents;

internal ref partial struct TapeWriter
{
    /// <summary>The length of a string that is short, ASCII and without escapes, as nearly all are; negative for others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int ShortLength(int at)
    {
        if (at > end - Vector256<byte>.Count)
        {
            return -1;
        }

        var bytes = Vector256.LoadUnsafe(ref _text, (nuint)at);
        var special = Vector256.Equals(bytes, Vector256.Create((byte)'"'))
            | Vector256.Equals(bytes, Vector256.Create((byte)'\\'))
            | Vector256.Equals(Vector256.Min(bytes, Vector256.Create((byte)0x1F)), bytes);

        // What is not ASCII has the bit that is looked at itself.
        var found = (special | bytes).ExtractMostSignificantBits();
        var length = BitOperations.TrailingZeroCount(found);
        return found != 0 && Unsafe.Add(ref _text, at + length) == '"' ? length : -1;
    }

    private readonly int ReadString(int at, ref TapeNode node)
    {
        var close = FindQuote(at, out var flags);
        node.Offset = at;
        node.Tag = (uint)TapeKind.String | flags;
        node.Length = close - at;
        return close + 1;
    }

    private readonly int ReadName(int at, ref TapeNode node)
    {
        var close = FindQuote(at, out var flags);
        var name = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _text, at), close - at);
        node.Offset = at;
        if ((flags & TapeNode.Encoded) != 0)
        {
            node.Offset = names.Add(name, out name);
        }

        node.Tag = FieldName.TagOf(name);
        node.Length = name.Length;
        return close + 1;
    }

    /// <summary>The quote that ends the string which begins at <paramref name="at"/>, whose every byte is looked at.</summary>
    private readonly int FindQuote(int at, out uint flags)
    {
        var begin = at;
        flags = 0;
        while (true)
        {
            at = FindSpecial(at, ref flags);
            switch (At(at))
            {
                case (byte)'"':
                    if ((flags & TapeNode.NotAscii) != 0)
                    {
                        CheckUtf8(begin, at, ref flags);
                    }

                    return at;
                case (byte)'\\':
                    flags |= TapeNode.Encoded;
                    at = SkipEscape(at);
                    break;
                default:
                    throw at >= end ? Unexpected("'\"'", at) : Fault("a control character in a string must be escaped", at);
            }
        }
    }

    /// <summary>The next quote, backslash or control character, or the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int FindSpecial(int at, ref uint flags)
    {
        while (at <= end - Vector128<byte>.Count)
        {
            var bytes = Vector128.LoadUnsafe(ref _text, (nuint)at);
            var special = Vector128.Equals(bytes, Vector128.Create((byte)'"'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
                | Vector128.Equals(Vector128.Min(bytes, Vector128.Create((byte)0x1F)), bytes);
            var found = special.ExtractMostSignificantBits();
            var high = bytes.ExtractMostSignificantBits();
            if (found != 0)
            {
                var length = BitOperations.TrailingZeroCount(found);
                if ((high & ((1u << length) - 1)) != 0)
                {
                    flags |= TapeNode.NotAscii;
                }

                return at + length;
            }

            if (high != 0)
            {
                flags |= TapeNode.NotAscii;
            }

            at += Vector128<byte>.Count;
        }

        for (; at < end; at++)
        {
            var c = Unsafe.Add(ref _text, at);
            if (c is (byte)'"' or (byte)'\\' or < 0x20)
            {
                break;
            }

            if (c >= 0x80)
            {
                flags |= TapeNode.NotAscii;
            }
        }

        return at;
    }

    private readonly void CheckUtf8(int from, int to, ref uint flags)
    {
        var part = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _text, from), to - from);
        if (Utf8.IsValid(part))
        {
            return;
        }

        if (!lenient)
        {
            throw Fault("a string that is no UTF-8", from + EscapedText.FirstFault(part));
        }

        flags |= TapeNode.Encoded;
    }

    private readonly int SkipEscape(int at)
    {
        switch (At(at + 1))
        {
            case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                return at + 2;
            case (byte)'u' when end - at >= 6 && EscapedText.TryHex(Rest(at), out var unit):
                if (lenient || !char.IsSurrogate(unit))
                {
                    return at + 6;
                }

                if (char.IsHighSurrogate(unit) && end - at >= 12 && At(at + 6) == '\\' && At(at + 7) == 'u'
                    && EscapedText.TryHex(Rest(at + 6), out var low) && char.IsLowSurrogate(low))
                {
                    return at + 12;
                }

                throw Fault("half of a surrogate pair", at);
            default:
                throw Fault(at + 1 >= end ? "the text ends in an escape" : "no such escape", at);
        }
    }

    private readonly ReadOnlySpan<byte> Rest(int at) => MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _text, at), end - at);

    private readonly int ReadNumber(int at, ref TapeNode node)
    {
        var begin = at;
        var negative = At(at) == '-';
        if (negative)
        {
            at++;
        }

        var digits = at;
        var value = 0ul;
        uint digit;
        while ((digit = (uint)At(at) - '0') <= 9)
        {
            value = (value * 10) + digit;
            at++;
        }

        var length = at - digits;
        if (length == 0)
        {
            throw Unexpected("a digit", at);
        }

        if (length > 1 && At(digits) == '0')
        {
            throw Fault("a number with a leading zero", digits);
        }

        if (At(at) is (byte)'.' or (byte)'e' or (byte)'E')
        {
            at = SkipFraction(at);
        }
        else if (length <= 19 && value <= (ulong)long.MaxValue + (negative ? 1ul : 0))
        {
            // Up to 19 digits do not overflow.
            node.Tag = (uint)TapeKind.Int;
            node.Offset = begin;
            node.Number = negative ? -(long)value : (long)value;
            return at;
        }

        node.Tag = (uint)TapeKind.Double;
        node.Offset = begin;
        node.Length = at - begin;
        return at;
    }

    private readonly int SkipFraction(int at)
    {
        if (At(at) == '.')
        {
            at = SkipDigits(at + 1);
        }

        if (At(at) is (byte)'e' or (byte)'E')
        {
            at++;
            at = SkipDigits(At(at) is (byte)'+' or (byte)'-' ? at + 1 : at);
        }

        return at;
    }

    private readonly int SkipDigits(int at)
    {
        if (!char.IsAsciiDigit((char)At(at)))
        {
            throw Unexpected("a digit", at);
        }

        while (char.IsAsciiDigit((char)At(at)))
        {
            at++;
        }

        return at;
    }

    // Text made for people is a third spaces.
    private readonly int SkipSpaces(int at)
    {
        while (at <= end - Vector128<byte>.Count)
        {
            var bytes = Vector128.LoadUnsafe(ref _text, (nuint)at);
            var space = Vector128.Equals(bytes, Vector128.Create((byte)' '))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\n'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\r'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\t'));
            var other = ~space.ExtractMostSignificantBits() & 0xFFFF;
            if (other != 0)
            {
                return at + BitOperations.TrailingZeroCount(other);
            }

            at += Vector128<byte>.Count;
        }

        while (At(at) is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            at++;
        }

        return at;
    }
}
