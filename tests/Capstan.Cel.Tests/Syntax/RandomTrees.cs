using System.Collections.Immutable;
using Capstan.Cel.Syntax;
using FsCheck;
using FsCheck.Fluent;

namespace Capstan.Cel.Tests.Syntax;

/// <summary>Trees that a parser could have made, in any shape: operators under operators without regard to precedence.</summary>
internal static class RandomTrees
{
    private static readonly NodeFactory _nodes = new(SyntaxOptions.Spec with { MaxNodes = int.MaxValue }, new IssueList(new CelSource(""), 1));

    private static readonly string[] _binary =
    [
        Operators.And, Operators.And, Operators.Or, Operators.Or, Operators.Equals, Operators.NotEquals, Operators.Less, Operators.LessEquals,
        Operators.Greater, Operators.GreaterEquals, Operators.In, Operators.Add, Operators.Subtract, Operators.Multiply, Operators.Divide,
        Operators.Modulo, Operators.Index, Operators.OptionalIndex,
    ];

    public static Gen<CelExpr> Any { get; } = Gen.Choose(0, int.MaxValue - 1).Select(seed =>
    {
        // One seed a tree: a tree is too large to shrink, and the seed repeats it.
        var random = new Random(seed);
        return Node(random, random.Next(1, 8));
    });

    private static CelExpr Node(Random random, int depth) => depth == 0 ? Leaf(random) : random.Next(14) switch
    {
        0 => Leaf(random),
        1 => _nodes.Select(default, Node(random, depth - 1), Field(random), isOptional: random.Next(2) == 0),
        2 => _nodes.Select(default, Node(random, depth - 1), Field(random), isTestOnly: true),
        3 => _nodes.Call(default, Pick(random, "f", ".g", "__h__"), null, Nodes(random, depth)),
        4 => _nodes.Call(default, Pick(random, "f", "while", "namespace"), Node(random, depth - 1), Nodes(random, depth)),
        5 => _nodes.Call(default, Operators.Not, null, Node(random, depth - 1)),
        6 => _nodes.Call(default, Operators.Negate, null, Node(random, depth - 1)),
        7 => _nodes.Call(default, Operators.Conditional, null, Node(random, depth - 1), Node(random, depth - 1), Node(random, depth - 1)),
        8 => List(random, depth),
        9 => _nodes.Map(default, [.. Nodes(random, depth).Select(k => new MapEntry(0, default, k, Node(random, depth - 1), random.Next(3) == 0))]),
        10 => _nodes.Struct(default, Pick(random, "A", ".a.B", "for.C"), [.. Nodes(random, depth).Select(v => new StructField(0, default, Field(random), v, random.Next(3) == 0))]),
        _ => _nodes.Call(default, Pick(random, _binary), null, Node(random, depth - 1), Node(random, depth - 1)),
    };

    private static CelExpr List(Random random, int depth)
    {
        var elements = Nodes(random, depth);
        return _nodes.List(default, elements, [.. Enumerable.Range(0, elements.Length).Where(_ => random.Next(3) == 0)]);
    }

    private static ImmutableArray<CelExpr> Nodes(Random random, int depth) =>
        [.. Enumerable.Range(0, random.Next(4)).Select(_ => Node(random, depth - 1))];

    private static CelExpr Leaf(Random random) => random.Next(9) switch
    {
        0 => _nodes.Null(default),
        1 => _nodes.Bool(default, random.Next(2) == 0),
        2 => _nodes.Int(default, random.Next(3) == 0 ? Pick(random, long.MinValue, long.MaxValue, 0, -1, 1) : random.NextInt64(long.MinValue, long.MaxValue)),
        3 => _nodes.Uint(default, (ulong)random.NextInt64(long.MinValue, long.MaxValue)),
        4 => _nodes.Double(default, Double(random)),
        5 => _nodes.String(default, Text(random)),
        6 => _nodes.Bytes(default, Octets(random)),
        _ => _nodes.Ident(default, Pick(random, "a", "b", "_c1", ".d", "trueish", "r", "b", "br")),
    };

    private static double Double(Random random)
    {
        var any = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
        return double.IsFinite(any) && random.Next(2) == 0 ? any : Pick(random, 0.0, -0.0, 1, -1, 1e21, 1e-7, double.Epsilon, double.MaxValue, 0.1);
    }

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ =>
        Pick(random, "a", "\"", "'", "\\", "\n", "\r", "\t", "\0", "\u007f", "\u0085", "\u2028", "é", "👑", "`", "?", "$", "\uFFFF", "\\u0041")));

    private static byte[] Octets(Random random)
    {
        var octets = new byte[random.Next(5)];
        random.NextBytes(octets);
        return octets;
    }

    private static string Field(Random random) => Pick(random, "a", "b", "e5", "in", "true", "null", "namespace", "a-b", "a b", "1a", "x/y.z", "_");

    private static T Pick<T>(Random random, params T[] choices) => choices[random.Next(choices.Length)];
}
