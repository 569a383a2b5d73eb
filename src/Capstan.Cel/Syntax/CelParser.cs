using System.Runtime.CompilerServices;

namespace Capstan.Cel.Syntax;

/// <summary>
/// Recursive descent over the grammar of CEL, macros expanded on the way. One instance parses one text. It never throws for any text: the
/// nesting is bounded, and after a grammar error that cannot be repaired the lexer says that the text is at its end, so every rule returns.
/// </summary>
internal sealed partial class CelParser
{
    private readonly CelSource _source;
    private readonly SyntaxOptions _options;
    private readonly IssueList _issues;
    private readonly NodeFactory _nodes;
    private readonly Lexer _lexer;

    // The elements and arguments that are being collected, those of the inner list on top.
    private readonly List<CelExpr> _siblings = [];
    private Token _token;
    private Token _next;
    private int _lastEnd;
    private int _depth;

    private CelParser(CelSource source, SyntaxOptions options)
    {
        _source = source;
        _options = options;
        _issues = new IssueList(source, options.MaxErrors);
        _nodes = new NodeFactory(options, _issues);
        _lexer = new Lexer(source.Text, _issues);
    }

    /// <summary>Parses a text. Safe for any input; the work is linear in the text but for macros that copy, which <see cref="SyntaxOptions.MaxNodes"/> bounds.</summary>
    public static ParseResult Parse(string text, SyntaxOptions? options = null, string description = CelSource.DefaultDescription) =>
        new CelParser(new CelSource(text, description), options ?? SyntaxOptions.Kubernetes).Run();

    /// <summary>The message about a text that nests too deep.</summary>
    public static string TooDeep(SyntaxOptions options) => $"expression recursion limit exceeded: {options.MaxDepth}";

    private ParseResult Run()
    {
        var size = CodePoints(_source.Text);
        if (size > _options.MaxCodePoints)
        {
            _issues.AddLast(0, $"expression code point size exceeds limit: size: {size}, limit {_options.MaxCodePoints}");
            return new ParseResult(_source, null, _issues.ToList());
        }

        _token = _lexer.Next();
        _next = _lexer.Next();
        var root = ParseExpr();
        if (_token.Kind != TokenKind.End)
        {
            Unexpected("<EOF>");
        }

        if (_nodes.ComprehensionCount > _options.MaxComprehensionDepth && !_nodes.IsOverfull
            && LoopNesting.FirstBeyond(root, _options.MaxComprehensionDepth) is { } loop)
        {
            _issues.AddLast(loop.Span.Position, $"comprehension nesting limit exceeded: {_options.MaxComprehensionDepth}");
        }

        return _issues.Count == 0
            ? new ParseResult(_source, new CelAst(_source, root, _nodes.IdCount, _nodes.MacroCalls), [])
            : new ParseResult(_source, null, [.. _issues.ToList().OrderBy(i => i.Offset)]);
    }

    /// <summary><c>or ('?' or ':' expr)?</c>: the middle is no ternary, but what follows the colon may be one.</summary>
    private CelExpr ParseExpr()
    {
        if (!Enter())
        {
            return Nothing();
        }

        var start = _token.Start;
        var expr = ParseLogical(TokenKind.Or);
        if (_token.Kind == TokenKind.Question)
        {
            var position = Take().Start;
            var whenTrue = ParseLogical(TokenKind.Or);
            Expect(TokenKind.Colon);
            var whenFalse = ParseExpr();
            expr = _nodes.Call(Span(start, position), Operators.Conditional, null, expr, whenTrue, whenFalse);
        }

        _depth--;
        return expr;
    }

    /// <summary>A chain of <c>||</c> over chains of <c>&amp;&amp;</c>, each made a balanced tree: its order of evaluation is free.</summary>
    private CelExpr ParseLogical(TokenKind kind)
    {
        var first = ParseTerm();
        if (_token.Kind != kind)
        {
            return first;
        }

        var chain = new LogicalChain(kind == TokenKind.Or ? Operators.Or : Operators.And, first);
        while (_token.Kind == kind)
        {
            var position = Take().Start;
            chain.Add(position, ParseTerm());
        }

        return chain.Balance(_nodes);

        CelExpr ParseTerm() => kind == TokenKind.Or ? ParseLogical(TokenKind.And) : ParseBinary(Precedence.Relation);
    }

    private CelExpr ParseBinary(int lowest)
    {
        var start = _token.Start;
        var left = ParseUnary();
        for (var length = 1; Precedence.OfBinary(_token.Kind) is var (precedence, function) && precedence >= lowest; length++)
        {
            if (_depth + length > _options.MaxDepth)
            {
                Fail(_token.Start, TooDeep(_options));
                return left;
            }

            var position = Take().Start;
            var right = ParseBinary(precedence + 1);
            left = _nodes.Call(Span(start, position), function, null, left, right);
        }

        return left;
    }

    /// <summary>
    /// <c>'!'* member | '-'* member</c>: one kind of sign only, pairs cancel. A single minus before a number is part of it, so that the least
    /// integer can be written.
    /// </summary>
    private CelExpr ParseUnary()
    {
        var sign = _token;
        if (sign.Kind is not (TokenKind.Not or TokenKind.Minus) || StartsNegativeNumber())
        {
            return ParseMember();
        }

        var count = 0;
        while (_token.Kind == sign.Kind)
        {
            Take();
            count++;
        }

        var operand = ParseMember();
        return count % 2 == 0
            ? operand
            : _nodes.Call(Span(sign.Start, sign.Start), sign.Kind == TokenKind.Not ? Operators.Not : Operators.Negate, null, operand);
    }

    private bool StartsNegativeNumber() => _token.Kind == TokenKind.Minus && _next.Kind is TokenKind.Int or TokenKind.Double;

    private bool Enter()
    {
        if (_depth < _options.MaxDepth && RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            _depth++;
            return true;
        }

        Fail(_token.Start, TooDeep(_options));
        return false;
    }

    private Token Take()
    {
        var taken = _token;
        _lastEnd = taken.Kind == TokenKind.End ? _lastEnd : taken.End;
        _token = _next;
        _next = _lexer.Next();
        return taken;
    }

    private bool TryTake(TokenKind kind)
    {
        if (_token.Kind != kind)
        {
            return false;
        }

        Take();
        return true;
    }

    private string TextOf(Token token) => _source.Text.Substring(token.Start, token.Length);

    private SourceSpan Span(int start, int position) => SourceSpan.Between(start, Math.Max(start, _lastEnd), position);

    private static SourceSpan Span(Token token) => new(token.Start, token.Length, token.Start);

    // A surrogate without its other half counts as one.
    private static int CodePoints(string text)
    {
        var count = text.Length;
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1]))
            {
                count--;
                i++;
            }
        }

        return count;
    }
}
