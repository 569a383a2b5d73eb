using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Capstan.Cel.Syntax;

/// <content>Primaries, and the selections, indexings and calls that follow them.</content>
internal sealed partial class CelParser
{
    /// <summary>A primary and its chain of <c>.name</c>, <c>.name(...)</c>, <c>[...]</c>; or a message, whose name looks like such a chain.</summary>
    private CelExpr ParseMember()
    {
        var start = _token.Start;
        var isAbsolute = _token.Kind == TokenKind.Dot;
        var head = isAbsolute ? _next : _token;
        var isName = head.Kind == TokenKind.Identifier;
        var node = ParsePrimary();
        isName &= node is IdentExpr && _lastEnd == head.End;
        var isReserved = isName && ReservedWords.Contains(_source.Text.AsSpan(head.Start, head.Length));
        for (var length = 1; _token.Kind is TokenKind.Dot or TokenKind.LeftBracket or TokenKind.LeftBrace; length++)
        {
            if (_depth + length > _options.MaxDepth)
            {
                Fail(_token.Start, TooDeep(_options));
            }
            else if (_token.Kind == TokenKind.LeftBrace)
            {
                if (!isName)
                {
                    break;
                }

                // Reserved words may be parts of a message's name.
                node = ParseMessage(start, TypeName(node));
                isName = isReserved = false;
            }
            else if (_token.Kind == TokenKind.Dot)
            {
                node = ParseSelection(start, node, ref isName);
            }
            else
            {
                node = ParseIndex(start, node);
                isName = false;
            }
        }

        if (isReserved)
        {
            _issues.Add(start, $"reserved identifier: {TextOf(head)}");
        }

        return node;
    }

    private CelExpr ParseSelection(int start, CelExpr operand, ref bool isName)
    {
        var position = Take().Start;
        var isOptional = TryTake(TokenKind.Question);
        var field = _token;
        if (field.Kind is not (TokenKind.Identifier or TokenKind.QuotedIdentifier))
        {
            Unexpected("IDENTIFIER");
            return operand;
        }

        Take();
        if (field.Kind == TokenKind.Identifier && _token.Kind == TokenKind.LeftParenthesis && !isOptional)
        {
            isName = false;
            var opening = Take().Start;
            var arguments = ParseArguments();
            return CallOrMacro(Span(start, opening), TextOf(field), operand, arguments);
        }

        isName &= field.Kind == TokenKind.Identifier && !isOptional;
        if (isOptional && !_options.OptionalSyntax)
        {
            return Wrong(Span(start, position), "unsupported syntax '.?'");
        }

        return _nodes.Select(Span(start, position), operand, FieldName(field), isOptional: isOptional);
    }

    private CelExpr ParseIndex(int start, CelExpr operand)
    {
        var position = Take().Start;
        var isOptional = TryTake(TokenKind.Question);
        var index = ParseExpr();
        Expect(TokenKind.RightBracket);
        if (isOptional && !_options.OptionalSyntax)
        {
            return Wrong(Span(start, position), "unsupported syntax '[?'");
        }

        return _nodes.Call(Span(start, position), isOptional ? Operators.OptionalIndex : Operators.Index, null, operand, index);
    }

    private CelExpr ParsePrimary()
    {
        switch (_token.Kind)
        {
            case TokenKind.Dot when _next.Kind == TokenKind.Identifier:
            case TokenKind.Identifier:
                return ParseName();
            case TokenKind.Dot:
                Take();
                Unexpected("IDENTIFIER");
                return Nothing();
            case TokenKind.LeftParenthesis:
                Take();
                var inner = ParseExpr();
                Expect(TokenKind.RightParenthesis);
                return inner;
            case TokenKind.LeftBracket:
                return ParseList();
            case TokenKind.LeftBrace:
                return ParseMap();
            default:
                return ParseLiteral();
        }
    }

    /// <summary>A name, or a call of a global function. Whether the name is reserved is known to be wrong only when no message follows.</summary>
    private CelExpr ParseName()
    {
        var start = _token.Start;
        var prefix = TryTake(TokenKind.Dot) ? "." : "";
        var name = Take();
        var text = prefix + TextOf(name);
        if (_token.Kind != TokenKind.LeftParenthesis)
        {
            return _nodes.Ident(SourceSpan.Between(start, name.End, name.Start), text);
        }

        if (ReservedWords.Contains(_source.Text.AsSpan(name.Start, name.Length)))
        {
            _issues.Add(start, $"reserved identifier: {TextOf(name)}");
        }

        var opening = Take().Start;
        var arguments = ParseArguments();
        return CallOrMacro(Span(start, opening), text, null, arguments);
    }

    /// <summary>After the opening parenthesis. No comma may trail.</summary>
    private ImmutableArray<CelExpr> ParseArguments()
    {
        if (TryTake(TokenKind.RightParenthesis))
        {
            return [];
        }

        var first = _siblings.Count;
        do
        {
            _siblings.Add(ParseExpr());
        }
        while (TryTake(TokenKind.Comma));
        Expect(TokenKind.RightParenthesis);
        return TakeSiblings(first);
    }

    /// <summary>The nodes that were put on the stack of siblings since it held <paramref name="first"/>.</summary>
    private ImmutableArray<CelExpr> TakeSiblings(int first)
    {
        ImmutableArray<CelExpr> taken = [.. CollectionsMarshal.AsSpan(_siblings)[first..]];
        _siblings.RemoveRange(first, taken.Length);
        return taken;
    }

    private CelExpr CallOrMacro(SourceSpan span, string function, CelExpr? target, ImmutableArray<CelExpr> arguments)
    {
        if (_options.Macros.Find(function, arguments.Length, target is not null) is not { } macro || _issues.IsClosed)
        {
            return _nodes.Call(span, function, target, arguments);
        }

        var expanded = macro.Expand(new MacroExpansion(_nodes, _issues, span), target, arguments);
        if (expanded is null)
        {
            return _nodes.Call(span, function, target, arguments);
        }

        _nodes.MacroCalls[expanded.Id] = (CallExpr)_nodes.Call(span, function, target, arguments);
        return expanded;
    }

    private string FieldName(Token token)
    {
        if (token.Kind == TokenKind.Identifier)
        {
            return TextOf(token);
        }

        if (!_options.QuotedIdentifiers)
        {
            _issues.Add(token.Start, "unsupported syntax: '`'");
        }

        return _source.Text[(token.Start + 1)..(token.End - 1)];
    }

    private static string TypeName(CelExpr chain)
    {
        var names = new Stack<string>();
        for (; chain is SelectExpr select; chain = select.Operand)
        {
            names.Push(select.Field);
        }

        names.Push(((IdentExpr)chain).Name);
        return string.Join('.', names);
    }
}
