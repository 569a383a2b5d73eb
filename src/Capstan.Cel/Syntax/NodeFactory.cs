using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary>Makes the nodes of one tree: gives ids, and closes the list of issues when the tree grows past its bounds.</summary>
internal sealed class NodeFactory(SyntaxOptions options, IssueList issues)
{
    private int _nextId;

    public int IdCount => _nextId;

    /// <summary>The calls that macros replaced, by the id of the replacement.</summary>
    public Dictionary<int, CallExpr> MacroCalls { get; } = [];

    /// <summary>How many comprehensions there are, those that only bind a name included.</summary>
    public int ComprehensionCount { get; private set; }

    /// <summary>True once the tree broke a bound: what is made from now on is thrown away.</summary>
    public bool IsOverfull => issues.IsClosed;

    public int NextId(SourceSpan span)
    {
        if (_nextId == options.MaxNodes)
        {
            issues.AddLast(span.Position, $"expression node count exceeds limit: {options.MaxNodes}");
        }

        return _nextId++;
    }

    public CelExpr Null(SourceSpan span) => LiteralExpr.Null(NextId(span), span);

    public CelExpr Bool(SourceSpan span, bool value) => LiteralExpr.Bool(NextId(span), span, value);

    public CelExpr Int(SourceSpan span, long value) => LiteralExpr.Int(NextId(span), span, value);

    public CelExpr Uint(SourceSpan span, ulong value) => LiteralExpr.Uint(NextId(span), span, value);

    public CelExpr Double(SourceSpan span, double value) => LiteralExpr.Double(NextId(span), span, value);

    public CelExpr String(SourceSpan span, string value) => LiteralExpr.String(NextId(span), span, value);

    public CelExpr Bytes(SourceSpan span, byte[] value) => LiteralExpr.Bytes(NextId(span), span, value);

    public CelExpr Ident(SourceSpan span, string name) => new IdentExpr(NextId(span), span, name);

    public CelExpr Select(SourceSpan span, CelExpr operand, string field, bool isTestOnly = false, bool isOptional = false) =>
        Bounded(new SelectExpr(NextId(span), span, operand, field, isTestOnly, isOptional));

    public CelExpr Call(SourceSpan span, string function, CelExpr? target, params ImmutableArray<CelExpr> arguments) =>
        Bounded(new CallExpr(NextId(span), span, function, target, arguments));

    public CelExpr List(SourceSpan span, ImmutableArray<CelExpr> elements, ImmutableArray<int> optionalIndices) =>
        Bounded(new ListExpr(NextId(span), span, elements, optionalIndices));

    public CelExpr Map(SourceSpan span, ImmutableArray<MapEntry> entries) => Bounded(new MapExpr(NextId(span), span, entries));

    public CelExpr Struct(SourceSpan span, string typeName, ImmutableArray<StructField> fields) =>
        Bounded(new StructExpr(NextId(span), span, typeName, fields));

    public CelExpr Comprehension(
        SourceSpan span, CelExpr range, string variable, string? secondVariable, string accumulator,
        CelExpr accumulatorInit, CelExpr condition, CelExpr step, CelExpr result)
    {
        ComprehensionCount++;
        return Bounded(new ComprehensionExpr(
            NextId(span), span, range, variable, secondVariable, accumulator, accumulatorInit, condition, step, result));
    }

    private T Bounded<T>(T node)
        where T : CelExpr
    {
        if (node.Height > options.MaxHeight)
        {
            issues.AddLast(node.Span.Position, CelParser.TooDeep(options));
        }

        return node;
    }
}
