namespace Capstan.Cel.Syntax;

/// <summary>Cuts the text into tokens, the longest possible each. What is no token is reported and skipped.</summary>
internal sealed class Lexer(string text, IssueList issues)
{
    private int _at;

    /// <summary>The next token; <see cref="TokenKind.End"/> at the end of the text, and at once when the list of issues is closed.</summary>
    public Token Next()
    {
        while (!issues.IsClosed)
        {
            SkipBlanks();
            if (_at >= text.Length)
            {
                break;
            }

            var start = _at;
            if (Scan(text[_at]) is { } kind)
            {
                return new Token(kind, start, _at);
            }
        }

        return new Token(TokenKind.End, text.Length, text.Length);
    }

    private TokenKind? Scan(char c) => c switch
    {
        >= '0' and <= '9' => ScanNumber(),
        '.' when IsDigit(1) => ScanNumber(),
        '"' or '\'' => ScanString(_at, 0),
        '`' => ScanQuotedIdentifier(),
        _ when IsLetter(c) => ScanWord(),
        '=' when Peek(1) == '=' => Take(2, TokenKind.Equals),
        '!' when Peek(1) == '=' => Take(2, TokenKind.NotEquals),
        '<' => Peek(1) == '=' ? Take(2, TokenKind.LessEquals) : Take(1, TokenKind.Less),
        '>' => Peek(1) == '=' ? Take(2, TokenKind.GreaterEquals) : Take(1, TokenKind.Greater),
        '&' when Peek(1) == '&' => Take(2, TokenKind.And),
        '|' when Peek(1) == '|' => Take(2, TokenKind.Or),
        '!' => Take(1, TokenKind.Not),
        '+' => Take(1, TokenKind.Plus),
        '-' => Take(1, TokenKind.Minus),
        '*' => Take(1, TokenKind.Star),
        '/' => Take(1, TokenKind.Slash),
        '%' => Take(1, TokenKind.Percent),
        '?' => Take(1, TokenKind.Question),
        ':' => Take(1, TokenKind.Colon),
        ',' => Take(1, TokenKind.Comma),
        '.' => Take(1, TokenKind.Dot),
        '(' => Take(1, TokenKind.LeftParenthesis),
        ')' => Take(1, TokenKind.RightParenthesis),
        '[' => Take(1, TokenKind.LeftBracket),
        ']' => Take(1, TokenKind.RightBracket),
        '{' => Take(1, TokenKind.LeftBrace),
        '}' => Take(1, TokenKind.RightBrace),
        _ => Unknown(_at + (char.IsHighSurrogate(c) && char.IsLowSurrogate(Peek(1)) ? 2 : 1)),
    };

    private TokenKind Take(int length, TokenKind kind)
    {
        _at += length;
        return kind;
    }

    private TokenKind? Unknown(int end)
    {
        issues.Add(_at, $"Syntax error: token recognition error at: '{Excerpt.Of(text.AsSpan(_at, end - _at))}'");
        _at = end;
        return null;
    }

    private void SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (text[_at] is ' ' or '\t' or '\r' or '\n' or '\f')
            {
                _at++;
            }
            else if (text[_at] == '/' && Peek(1) == '/')
            {
                var end = text.AsSpan(_at).IndexOf('\n');
                _at = end < 0 ? text.Length : _at + end;
            }
            else
            {
                return;
            }
        }
    }

    /// <summary><c>1.</c> is an integer and a dot, <c>.5</c> is a number, <c>1e</c> is an integer and a name.</summary>
    private TokenKind ScanNumber()
    {
        if (text[_at] == '0' && Peek(1) == 'x' && char.IsAsciiHexDigit(Peek(2)))
        {
            for (_at += 2; char.IsAsciiHexDigit(Peek(0)); _at++)
            {
            }

            return Peek(0) is 'u' or 'U' ? Take(1, TokenKind.Uint) : TokenKind.Int;
        }

        var kind = TokenKind.Int;
        SkipDigits();
        if (Peek(0) == '.' && IsDigit(1))
        {
            _at++;
            SkipDigits();
            kind = TokenKind.Double;
        }

        if (Peek(0) is 'e' or 'E' && (IsDigit(1) || (Peek(1) is '+' or '-' && IsDigit(2))))
        {
            _at += 2;
            SkipDigits();
            kind = TokenKind.Double;
        }

        return kind == TokenKind.Int && Peek(0) is 'u' or 'U' ? Take(1, TokenKind.Uint) : kind;
    }

    /// <summary>A name, a keyword, or the letters in front of a string.</summary>
    private TokenKind? ScanWord()
    {
        var start = _at;
        for (; IsLetter(Peek(0)) || IsDigit(0); _at++)
        {
        }

        var word = text.AsSpan(start, _at - start);
        if (Peek(0) is '"' or '\'' && word is "r" or "R" or "b" or "B" or "br" or "bR" or "Br" or "BR")
        {
            return ScanString(start, word.Length);
        }

        return word switch
        {
            "true" => TokenKind.True,
            "false" => TokenKind.False,
            "null" => TokenKind.Null,
            "in" => TokenKind.In,
            _ => TokenKind.Identifier,
        };
    }

    /// <summary>Finds the end of a string. What is between the quotes is looked at later, by <see cref="StringLiteral"/>.</summary>
    private TokenKind? ScanString(int start, int prefix)
    {
        var isRaw = prefix > 0 && text[start + prefix - 1] is 'r' or 'R';
        var kind = prefix > 0 && text[start] is 'b' or 'B' ? TokenKind.Bytes : TokenKind.String;
        var quote = text[start + prefix];
        var isLong = Peek(1) == quote && Peek(2) == quote && _at + 2 < text.Length;
        for (_at += isLong ? 3 : 1; _at < text.Length; _at++)
        {
            var c = text[_at];
            if (c == quote && (!isLong || (Peek(1) == quote && Peek(2) == quote)))
            {
                return Take(isLong ? 3 : 1, kind);
            }

            if (!isLong && c is '\n' or '\r')
            {
                break;
            }

            // What is escaped is no closing quote; a line end is not what a backslash may hide.
            _at += c == '\\' && !isRaw && Peek(1) is not ('\n' or '\r') ? 1 : 0;
        }

        var end = Math.Min(_at, text.Length);
        _at = start;
        return Unknown(end);
    }

    private TokenKind? ScanQuotedIdentifier()
    {
        var length = 1;
        while (IsLetter(Peek(length)) || IsDigit(length) || Peek(length) is '.' or '-' or '/' or ' ')
        {
            length++;
        }

        return length > 1 && Peek(length) == '`' ? Take(length + 1, TokenKind.QuotedIdentifier) : Unknown(_at + length);
    }

    private void SkipDigits()
    {
        while (IsDigit(0))
        {
            _at++;
        }
    }

    private bool IsDigit(int ahead) => char.IsAsciiDigit(Peek(ahead));

    private static bool IsLetter(char c) => char.IsAsciiLetter(c) || c == '_';

    // A NUL in the text is no token either, so it may stand for the end.
    private char Peek(int ahead) => _at + ahead < text.Length ? text[_at + ahead] : '\0';
}
