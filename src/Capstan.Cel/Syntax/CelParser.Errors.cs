namespace Capstan.Cel.Syntax;

/// <content>What is said about text that is no expression, in the kinds and at the places of cel-go's messages.</content>
internal sealed partial class CelParser
{
    private const string ExpressionStart =
        "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

    /// <summary>Takes a token that must be here. One missing or one too many is reported and parsing goes on; else it ends.</summary>
    private void Expect(TokenKind kind)
    {
        if (TryTake(kind))
        {
            return;
        }

        if (_next.Kind == kind && kind != TokenKind.End)
        {
            _issues.Add(_token.Start, $"Syntax error: extraneous input {Quoted(_token)} expecting {Spelling.Of(kind)}");
            Take();
            Take();
        }
        else if (_token.Kind is TokenKind.End or TokenKind.RightParenthesis or TokenKind.RightBracket or TokenKind.RightBrace)
        {
            _issues.Add(_token.Start, $"Syntax error: missing {Spelling.Of(kind)} at {Quoted(_token)}");
        }
        else
        {
            Unexpected(Spelling.Of(kind));
        }
    }

    /// <summary>The token cannot be here and nothing can be made of what follows.</summary>
    private void Unexpected(string expected) =>
        Fail(_token.Start, $"Syntax error: {(_next.Kind == TokenKind.End && _token.Kind != TokenKind.End && expected == "<EOF>" ? "extraneous" : "mismatched")} input {Quoted(_token)} expecting {expected}");

    private void Fail(int offset, string message)
    {
        _issues.AddLast(offset, message);
        _token = _next = new Token(TokenKind.End, _source.Text.Length, _source.Text.Length);
    }

    /// <summary>Stands where no node could be made; the tree it is in is thrown away.</summary>
    private CelExpr Nothing() => _nodes.Null(Span(_token));

    private CelExpr Wrong(SourceSpan span, string message)
    {
        _issues.Add(span.Position, message);
        return _nodes.Null(span);
    }

    private string Quoted(Token token) => token.Kind == TokenKind.End ? "'<EOF>'" : $"'{Excerpt.Of(_source.Text.AsSpan(token.Start, token.Length))}'";
}
