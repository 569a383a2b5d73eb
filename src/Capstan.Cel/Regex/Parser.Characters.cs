using System.Buffers;
using System.Text;
using Capstan.Cel.Regex.Unicode;

namespace Capstan.Cel.Regex;

/// <summary>The part of the parser that reads single characters, escapes and sets.</summary>
internal sealed partial class Parser
{
    private static readonly SearchValues<char> _nameCharacters =
        SearchValues.Create("_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private char Peek(int ahead) => _at + ahead < _pattern.Length ? _pattern[_at + ahead] : '\0';

    private bool LooksAt(string text) => string.CompareOrdinal(_pattern, _at, text, 0, text.Length) == 0;

    private int ReadRune()
    {
        var rune = char.ConvertToUtf32(_pattern, _at);
        _at += rune > char.MaxValue ? 2 : 1;
        return rune;
    }

    private void RefuseLoneSurrogates()
    {
        for (var i = 0; i < _pattern.Length;)
        {
            if (Rune.DecodeFromUtf16(_pattern.AsSpan(i), out _, out var units) != OperationStatus.Done)
            {
                throw Wrong("invalid UTF-8", i, _pattern.Length);
            }

            i += units;
        }
    }

    /// <summary>Reads what starts with a backslash outside of a set.</summary>
    private void ReadBackslash()
    {
        switch (Peek(1))
        {
            case 'A':
                Push(Node.Assert(Assertions.BeginText), 2);
                return;
            case 'z':
                Push(Node.Assert(Assertions.EndText), 2);
                return;
            case 'b':
                Push(Node.Assert(Assertions.WordBoundary), 2);
                return;
            case 'B':
                Push(Node.Assert(Assertions.NoWordBoundary), 2);
                return;
            case 'C':
                throw Wrong("invalid escape sequence", _at, _at + 2);
            case 'Q':
                ReadQuoted();
                return;
        }

        if (ReadNamedSet() is { } set)
        {
            Push(Node.Set(set), 0);
            return;
        }

        PushLiteral(ReadEscape());
    }

    private void ReadQuoted()
    {
        var close = _pattern.IndexOf("\\E", _at + 2, StringComparison.Ordinal);
        var end = close < 0 ? _pattern.Length : close;
        for (_at += 2; _at < end;)
        {
            PushLiteral(ReadRune());
        }

        _at = close < 0 ? end : end + 2;
    }

    /// <summary>Reads <c>\d</c>, <c>\pN</c>, <c>\p{Greek}</c> and their like, folded where the flags say so; null where there is none here.</summary>
    private RuneSet? ReadNamedSet()
    {
        if (Peek(0) != '\\')
        {
            return null;
        }

        var letter = Peek(1);
        if (letter is 'p' or 'P')
        {
            return ReadUnicodeSet(letter == 'P');
        }

        if (NamedSets.Perl(letter, out var negated) is not { } set)
        {
            return null;
        }

        _at += 2;
        return Finish(set, negated);
    }

    private RuneSet ReadUnicodeSet(bool negated)
    {
        var start = _at;
        _at += 2;
        var nameStart = _at;
        if (_at < _pattern.Length)
        {
            ReadRune();
        }

        var nameEnd = _at;
        if (nameStart < nameEnd && _pattern[nameStart] == '{')
        {
            nameStart++;
            nameEnd = _pattern.IndexOf('}', nameStart);
            if (nameEnd < 0)
            {
                throw Wrong("invalid character class range", start, _pattern.Length);
            }

            _at = nameEnd + 1;
        }

        var name = _pattern[nameStart..nameEnd];
        if (name.StartsWith('^'))
        {
            negated = !negated;
            name = name[1..];
        }

        var set = UnicodeTable.Named(name) ?? throw Wrong("invalid character class range", start, _at);
        return Finish(set, negated);
    }

    private RuneSet Finish(RuneSet set, bool negated)
    {
        set = _flags.HasFlag(PatternFlags.FoldCase) ? UnicodeTable.Fold(set) : set;
        return negated ? set.Negate() : set;
    }

    /// <summary>Reads <c>[...]</c>.</summary>
    private Node ReadSet()
    {
        var start = _at++;
        var negated = Peek(0) == '^' && _at < _pattern.Length;
        if (negated)
        {
            _at++;
        }

        var pairs = new List<(int, int)>();
        var folded = new List<(int, int)>();
        for (var first = true; first || Peek(0) != ']' || _at >= _pattern.Length; first = false)
        {
            if ((ReadPosixSet() ?? ReadNamedSet()) is { } set)
            {
                set.AddTo(pairs);
                continue;
            }

            var rangeStart = _at;
            var low = ReadSetCharacter(start);
            var high = low;
            if (Peek(0) == '-' && _at + 1 < _pattern.Length && Peek(1) != ']')
            {
                _at++;
                high = ReadSetCharacter(start);
                if (high < low)
                {
                    throw Wrong("invalid character class range", rangeStart, _at);
                }
            }

            (_flags.HasFlag(PatternFlags.FoldCase) ? folded : pairs).Add((low, high));
        }

        _at++;
        if (folded.Count > 0)
        {
            UnicodeTable.Fold(RuneSet.Of(folded)).AddTo(pairs);
        }

        var result = RuneSet.Of(pairs);
        return Node.Set(negated ? result.Negate() : result);
    }

    private RuneSet? ReadPosixSet()
    {
        if (!LooksAt("[:") || _pattern.IndexOf(":]", _at + 2, StringComparison.Ordinal) is not (>= 0 and var end))
        {
            return null;
        }

        var start = _at;
        _at = end + 2;
        var name = _pattern[(start + 2)..end];
        var negated = name.StartsWith('^');
        var set = NamedSets.Posix(negated ? name[1..] : name) ?? throw Wrong("invalid character class range", start, _at);
        return Finish(set, negated);
    }

    private int ReadSetCharacter(int setStart)
    {
        if (_at >= _pattern.Length)
        {
            throw Wrong("missing closing ]", setStart, _pattern.Length);
        }

        return Peek(0) == '\\' ? ReadEscape() : ReadRune();
    }

    /// <summary>Reads a backslash and what names one character.</summary>
    private int ReadEscape()
    {
        var start = _at++;
        if (_at >= _pattern.Length)
        {
            throw new Re2SyntaxException("trailing backslash at end of expression", "", start);
        }

        var c = ReadRune();
        var rune = c switch
        {
            'a' => '\a',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            'x' => ReadHex(),
            '0' => ReadOctal(),

            // One digit alone would refer back to a group, which has no linear time.
            >= '1' and <= '7' when IsOctal(Peek(0)) => ReadOctal(),
            < 128 when !char.IsAsciiLetterOrDigit((char)c) => c,
            _ => -1,
        };
        return rune >= 0 ? rune : throw Wrong("invalid escape sequence", start, _at);
    }

    private int ReadOctal()
    {
        var value = _pattern[_at - 1] - '0';
        for (var i = 1; i < 3 && IsOctal(Peek(0)); i++)
        {
            value = value * 8 + _pattern[_at++] - '0';
        }

        return value;
    }

    private int ReadHex()
    {
        if (_at >= _pattern.Length)
        {
            return -1;
        }

        var first = ReadRune();
        if (first != '{')
        {
            var second = _at < _pattern.Length ? ReadRune() : -1;
            return HexDigit(first) < 0 || HexDigit(second) < 0 ? -1 : HexDigit(first) * 16 + HexDigit(second);
        }

        var value = 0;
        for (var digits = 0; _at < _pattern.Length; digits++)
        {
            var c = ReadRune();
            if (c == '}')
            {
                return digits == 0 ? -1 : value;
            }

            value = value * 16 + HexDigit(c);
            if (HexDigit(c) < 0 || value > RuneSet.MaxRune)
            {
                return -1;
            }
        }

        return -1;
    }

    private static bool IsOctal(char c) => c is >= '0' and <= '7';

    private static int HexDigit(int c) => c is >= 0 and < 128 && char.IsAsciiHexDigit((char)c) ? (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10) : -1;
}
