using Capstan.Cel.Syntax;
using Capstan.Cel.Values;

namespace Capstan.Cel.Tests.Values;

/// <summary>An error of a CEL expression, within the tests of values.</summary>
internal sealed class CelFailure(string text) : Exception(text);

/// <summary>An expression that is more than calls on literals: it is for the evaluator's own tests.</summary>
internal sealed class BeyondLiterals(string what) : Exception(what);

/// <summary>
/// Evaluates calls on literals by the value functions, boxed and slow, in the dialect of the specification. It is here to judge
/// these functions by the conformance suite before there is an evaluator.
/// </summary>
internal sealed class LiteralEvaluator(IReadOnlyDictionary<string, object?> bindings)
{
    public static CelExpr Parse(string text) => CelParser.Parse(text).Ast?.Root ?? throw new CelFailure("does not parse");

    public object? Evaluate(CelExpr expr) => expr switch
    {
        LiteralExpr literal => Literal(literal),
        ListExpr list => list.Elements.Select(Evaluate).ToArray(),
        MapExpr map => map.Entries.Select(entry => (Evaluate(entry.Key), Evaluate(entry.Value))).ToArray(),
        IdentExpr ident => bindings.TryGetValue(ident.Name, out var value) ? value : throw new BeyondLiterals(ident.Name),
        CallExpr call => Call(call),
        _ => throw new BeyondLiterals(expr.GetType().Name),
    };

    public static new bool Equals(object? left, object? right)
    {
        if (Number(left) is { } a && Number(right) is { } b) return a.Equals(b);
        return (left, right) switch
        {
            (object?[] x, object?[] y) => x.Length == y.Length && x.Zip(y).All(pair => Equals(pair.First, pair.Second)),
            ((object?, object?)[] x, (object?, object?)[] y) => x.Length == y.Length && x.All(e => y.Any(f => Equals(e.Item1, f.Item1) && Equals(e.Item2, f.Item2))),
            (byte[] x, byte[] y) => x.AsSpan().SequenceEqual(y),
            _ => object.Equals(left, right),
        };
    }

    private static object? Literal(LiteralExpr literal) => literal.Kind switch
    {
        LiteralKind.Null => null,
        LiteralKind.Bool => literal.BoolValue,
        LiteralKind.Int => literal.IntValue,
        LiteralKind.Uint => literal.UintValue,
        LiteralKind.Double => literal.DoubleValue,
        LiteralKind.String => literal.StringValue,
        _ => literal.BytesValue.ToArray(),
    };

    private object? Call(CallExpr call)
    {
        // The math functions are global ones under a name with a dot.
        var space = call.Target is IdentExpr { Name: "math" or "strings" or "base64" } ident ? ident.Name + "." : null;
        var target = call.Target is null || space is not null ? [] : new[] { Evaluate(call.Target) };
        var function = space + call.Function;
        if (function == Operators.And) return call.Arguments.All(argument => (bool)Evaluate(argument)!);
        if (function == Operators.Or) return call.Arguments.Any(argument => (bool)Evaluate(argument)!);
        return LiteralFunctions.Call(function, [.. target, .. call.Arguments.Select(Evaluate)], call.Target is not null && space is null);
    }

    internal static CelNumber? Number(object? value) => value switch
    {
        long number => CelNumber.Of(number),
        ulong number => CelNumber.Of(number),
        double number => CelNumber.Of(number),
        _ => null,
    };
}
