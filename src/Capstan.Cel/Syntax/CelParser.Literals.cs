using System.Collections.Immutable;
using System.Globalization;

namespace Capstan.Cel.Syntax;

/// <content>Literals of values, lists, maps and messages.</content>
internal sealed partial class CelParser
{
    private CelExpr ParseLiteral()
    {
        var start = _token.Start;
        var isNegative = StartsNegativeNumber() && Take().Kind == TokenKind.Minus;
        var token = _token;
        if (token.Kind is < TokenKind.Int or > TokenKind.Null)
        {
            Unexpected(ExpressionStart);
            return Nothing();
        }

        Take();
        var span = Span(start, start);
        var text = _source.Text.AsSpan(token.Start, token.Length);
        string? error = null;
        return token.Kind switch
        {
            TokenKind.True => _nodes.Bool(span, true),
            TokenKind.False => _nodes.Bool(span, false),
            TokenKind.Null => _nodes.Null(span),
            TokenKind.Int => ReadInt(text, isNegative) is { } value ? _nodes.Int(span, value) : Wrong(span, "invalid int literal"),
            TokenKind.Uint => ReadUint(text[..^1]) is { } value ? _nodes.Uint(span, value) : Wrong(span, "invalid uint literal"),
            TokenKind.Double => ReadDouble(text, isNegative) is { } value ? _nodes.Double(span, value) : Wrong(span, "invalid double literal"),
            TokenKind.String => StringLiteral.ReadString(text, out error) is { } value ? _nodes.String(span, value) : Wrong(span, error!),
            _ => StringLiteral.ReadBytes(text, out error) is { } value ? _nodes.Bytes(span, value) : Wrong(span, error!),
        };
    }

    private static long? ReadInt(ReadOnlySpan<char> text, bool isNegative) => ReadUint(text) switch
    {
        <= long.MaxValue and var value => isNegative ? -(long)value : (long)value,
        (ulong)long.MaxValue + 1 when isNegative => long.MinValue,
        _ => null,
    };

    private static ulong? ReadUint(ReadOnlySpan<char> text) =>
        text.StartsWith("0x")
            ? ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) ? value : null;

    private static double? ReadDouble(ReadOnlySpan<char> text, bool isNegative) =>
        double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) is var value && double.IsInfinity(value) ? null
        : isNegative ? -value
        : value;

    private CelExpr ParseList()
    {
        var start = Take().Start;
        var first = _siblings.Count;
        ImmutableArray<int>.Builder? optional = null;
        while (_token.Kind != TokenKind.RightBracket)
        {
            if (TakeOptionalMark())
            {
                optional ??= ImmutableArray.CreateBuilder<int>();
                optional.Add(_siblings.Count - first);
            }

            _siblings.Add(ParseExpr());
            if (!TryTake(TokenKind.Comma))
            {
                break;
            }
        }

        Expect(TokenKind.RightBracket);
        return _nodes.List(Span(start, start), TakeSiblings(first), optional?.DrainToImmutable() ?? []);
    }

    private CelExpr ParseMap()
    {
        var start = Take().Start;
        var entries = ImmutableArray.CreateBuilder<MapEntry>();
        while (_token.Kind != TokenKind.RightBrace)
        {
            var entryStart = _token.Start;
            var isOptional = TakeOptionalMark();
            var key = ParseExpr();
            var colon = _token.Start;
            Expect(TokenKind.Colon);
            var value = ParseExpr();
            var span = Span(entryStart, colon);
            entries.Add(new MapEntry(_nodes.NextId(span), span, key, value, isOptional));
            if (!TryTake(TokenKind.Comma))
            {
                break;
            }
        }

        Expect(TokenKind.RightBrace);
        return _nodes.Map(Span(start, start), entries.DrainToImmutable());
    }

    private CelExpr ParseMessage(int start, string typeName)
    {
        var opening = Take().Start;
        var fields = ImmutableArray.CreateBuilder<StructField>();
        while (_token.Kind != TokenKind.RightBrace)
        {
            var fieldStart = _token.Start;
            var isOptional = TakeOptionalMark();
            if (_token.Kind is not (TokenKind.Identifier or TokenKind.QuotedIdentifier))
            {
                Unexpected("{'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}");
                break;
            }

            var name = FieldName(Take());
            var colon = _token.Start;
            Expect(TokenKind.Colon);
            var value = ParseExpr();
            var span = Span(fieldStart, colon);
            fields.Add(new StructField(_nodes.NextId(span), span, name, value, isOptional));
            if (!TryTake(TokenKind.Comma))
            {
                break;
            }
        }

        Expect(TokenKind.RightBrace);
        return _nodes.Struct(Span(start, opening), typeName, fields.DrainToImmutable());
    }

    private bool TakeOptionalMark()
    {
        var mark = _token;
        if (!TryTake(TokenKind.Question))
        {
            return false;
        }

        if (!_options.OptionalSyntax)
        {
            _issues.Add(mark.Start, "unsupported syntax '?'");
        }

        return true;
    }
}
