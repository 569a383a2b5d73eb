using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary>One replacement of a call: makes nodes that stand where the call stood.</summary>
internal sealed class MacroExpansion(NodeFactory nodes, IssueList issues, SourceSpan span)
{
    /// <summary>The variable that comprehensions collect in. No text can spell it.</summary>
    public const string Accumulator = "@result";

    /// <summary>What the accumulator was called once; still no name for a loop variable.</summary>
    public const string OldAccumulator = "__result__";

    /// <summary>The loop variable of a comprehension that only binds a name.</summary>
    public const string Unused = "#unused";

    public CelExpr Bool(bool value) => nodes.Bool(span, value);

    public CelExpr Int(long value) => nodes.Int(span, value);

    public CelExpr Ident(string name) => nodes.Ident(span, name);

    public CelExpr AccumulatorIdent() => Ident(Accumulator);

    public CelExpr PresenceTest(CelExpr operand, string field) => nodes.Select(span, operand, field, isTestOnly: true);

    public CelExpr Call(string function, params ImmutableArray<CelExpr> arguments) => nodes.Call(span, function, null, arguments);

    public CelExpr MemberCall(CelExpr target, string function, params ImmutableArray<CelExpr> arguments) =>
        nodes.Call(span, function, target, arguments);

    public CelExpr List(params ImmutableArray<CelExpr> elements) => nodes.List(span, elements, []);

    public CelExpr Map() => nodes.Map(span, []);

    /// <summary>A fold into the accumulator.</summary>
    public CelExpr Fold(CelExpr range, string variable, string? second, CelExpr init, CelExpr condition, CelExpr step, CelExpr result) =>
        nodes.Comprehension(span, range, variable, second, Accumulator, init, condition, step, result);

    /// <summary><paramref name="body"/> with a name for a value: a fold over nothing whose accumulator is the name.</summary>
    public CelExpr Bind(string name, CelExpr value, CelExpr body) =>
        nodes.Comprehension(span, List(), Unused, null, name, value, Bool(false), Ident(name), body);

    /// <summary>Reports an error at an argument; its result is what the expander returns.</summary>
    public CelExpr Error(CelExpr at, string message)
    {
        issues.Add(at.Span.Position, message);
        return at;
    }

    /// <summary>The same expression with ids of its own. Stops when the tree is overfull: copies of copies grow without bound.</summary>
    public CelExpr Copy(CelExpr node)
    {
        if (nodes.IsOverfull)
        {
            return node;
        }

        var copy = CopyOne(node);
        if (nodes.MacroCalls.TryGetValue(node.Id, out var call))
        {
            nodes.MacroCalls[copy.Id] = call;
        }

        return copy;
    }

    private CelExpr CopyOne(CelExpr node) => node switch
    {
        LiteralExpr literal => literal.WithId(nodes.NextId(node.Span)),
        IdentExpr ident => nodes.Ident(node.Span, ident.Name),
        SelectExpr select => nodes.Select(node.Span, Copy(select.Operand), select.Field, select.IsTestOnly, select.IsOptional),
        CallExpr call => nodes.Call(node.Span, call.Function, call.Target is null ? null : Copy(call.Target), Copies(call.Arguments)),
        ListExpr list => nodes.List(node.Span, Copies(list.Elements), list.OptionalIndices),
        MapExpr map => nodes.Map(
            node.Span, [.. map.Entries.Select(e => e with { Id = nodes.NextId(e.Span), Key = Copy(e.Key), Value = Copy(e.Value) })]),
        StructExpr message => nodes.Struct(
            node.Span, message.TypeName, [.. message.Fields.Select(f => f with { Id = nodes.NextId(f.Span), Value = Copy(f.Value) })]),
        ComprehensionExpr fold => nodes.Comprehension(
            node.Span, Copy(fold.Range), fold.Variable, fold.SecondVariable, fold.Accumulator,
            Copy(fold.AccumulatorInit), Copy(fold.Condition), Copy(fold.Step), Copy(fold.Result)),
        _ => throw new InvalidOperationException($"unknown node {node.GetType()}"),
    };

    private ImmutableArray<CelExpr> Copies(ImmutableArray<CelExpr> all)
    {
        var copies = ImmutableArray.CreateBuilder<CelExpr>(all.Length);
        foreach (var node in all)
        {
            copies.Add(Copy(node));
        }

        return copies.MoveToImmutable();
    }
}
