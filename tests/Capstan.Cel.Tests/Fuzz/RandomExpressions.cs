namespace Capstan.Cel.Tests.Fuzz;

/// <summary>
/// Random expressions over the variables <c>object</c> (dyn), <c>i u d s b y t r</c> (of a type each), <c>li ls</c> (lists) and <c>m</c> (a map).
/// Where nothing is wild they compile mostly; wildness is how often something of another kind stands where one kind is wanted.
/// </summary>
internal sealed partial class RandomExpressions(Random random, double wildness, bool withMath)
{
    private readonly List<(string Name, Kinds Kind)> _scope = [];
    private int _names;

    /// <summary>An expression of any kind.</summary>
    public Piece Next(int depth) => Of(Any(), depth);

    private Kinds Any() => (Kinds)random.Next((int)Kinds.Dyn + 1);

    private Kinds Comparable() => (Kinds)random.Next((int)Kinds.Duration + 1);

    private T Pick<T>(params T[] choices) => choices[random.Next(choices.Length)];

    private Piece P(string format, params Piece[] parts) => new(format, parts);

    /// <summary>An expression of the kind, or of another one where it is wild.</summary>
    private Piece Of(Kinds kind, int depth)
    {
        if (random.NextDouble() < wildness)
        {
            kind = Any();
        }

        if (depth > 0 && random.Next(16) == 0)
        {
            return P("(§ ? § : §)", Of(Kinds.Bool, depth - 1), Of(kind, depth - 1), Of(kind, depth - 1));
        }

        if (random.Next(5) == 0 && _scope.FindAll(v => v.Kind == kind) is { Count: > 0 } names)
        {
            return P(names[random.Next(names.Count)].Name);
        }

        if (depth > 0 && random.Next(24) == 0 && kind is not (Kinds.Dyn or Kinds.Optional or Kinds.OptionalText))
        {
            return P("§[§]", P("[§, §]", Of(kind, depth - 1), Of(kind, depth - 1)), P(Pick("0", "1", "2", "-1")));
        }

        return depth <= 0 ? Leaf(kind) : kind switch
        {
            Kinds.Bool => Bool(depth - 1),
            Kinds.Int => Int(depth - 1),
            Kinds.Uint => Uint(depth - 1),
            Kinds.Double => Double(depth - 1),
            Kinds.String => String(depth - 1),
            Kinds.Bytes => Bytes(depth - 1),
            Kinds.Timestamp => Timestamp(depth - 1),
            Kinds.Duration => Duration(depth - 1),
            Kinds.Type => Type(depth - 1),
            Kinds.Ints => Ints(depth - 1),
            Kinds.Strings => Strings(depth - 1),
            Kinds.Lists => Lists(depth - 1),
            Kinds.Numbers => Numbers(depth - 1),
            Kinds.Counts => Counts(depth - 1),
            Kinds.Optional => Optional(depth - 1),
            Kinds.OptionalText => OptionalText(depth - 1),
            _ => Dyn(depth - 1),
        };
    }

    private Piece Leaf(Kinds kind) => P(kind switch
    {
        Kinds.Bool => Pick("true", "false", "b"),
        Kinds.Int => Pick("0", "1", "-1", "2", "3", "5", "7", "i", "i", "9223372036854775807", "-9223372036854775808", "1000000007", "0x1F"),
        Kinds.Uint => Pick("0u", "1u", "2u", "u", "18446744073709551615u", "9223372036854775808u"),
        Kinds.Double => Pick("0.0", "-0.0", "1.0", "1.5", "-2.5", "d", "1e300", "9223372036854775808.0", "0.1", "3.0", "1e6", "1e-7", "(0.0 / 0.0)"),
        Kinds.String => Pick("''", "'a'", "'b'", "'abc'", "s", "s", "'a,b'", "'👑'", "'aé👑z'", "'ｚ'", "' x '", "'12'", "'A'", "r'\\d'", "'\\u00e9\\n'"),
        Kinds.Bytes => Pick("b''", "b'a'", "b'\\xff'", "y", "b'👑'", "b'abc'"),
        Kinds.Timestamp => Pick(
            "t", "timestamp('2020-02-29T23:59:59.999999999Z')", "timestamp('0001-01-01T00:00:00Z')", "timestamp('9999-12-31T23:59:59Z')",
            "timestamp(0)", "timestamp('1969-12-31T23:59:59.5+01:30')"),
        Kinds.Duration => Pick(
            "r", "duration('1h')", "duration('-1.5s')", "duration('0')", "duration('1ns')", "duration('9223372036s')", "duration('2m3s4ms5us6ns')"),
        Kinds.Type => Pick("int", "string", "list", "map", "null_type", "type", "google.protobuf.Timestamp", "optional_type"),
        Kinds.Ints => Pick("li", "[]", "[1]", "[1, 2, 3]", "[3, 1, 2, 3]", "[0]"),
        Kinds.Strings => Pick("ls", "[]", "['a']", "['a', 'b', '']", "['👑', 'ｚ', 'a']"),
        Kinds.Lists => Pick("[[1], [2, 3]]", "[]", "[li, []]"),
        Kinds.Numbers => Pick("[1.5, 2.0]", "[0.0, -0.0, d]", "[]", "[d]"),
        Kinds.Counts => Pick("m", "{}", "{'a': 1}", "{'a': 1, 'b': 2, '👑': 3}"),
        Kinds.Optional => Pick("optional.none()", "optional.of(1)", "li[?0]", "m[?'a']"),
        Kinds.OptionalText => Pick("optional.none()", "optional.of('a')", "ls[?1]", "object.?name"),
        _ => Pick(
            "object", "object.a", "object.spec", "object.name", "object.items", "object.spec.a", "object['👑']", "object['a b']", "object.items[0]", "null",
            "dyn(1)", "dyn(1u)", "dyn(1.0)", "dyn('a')", "dyn([1])", "dyn(i)"),
    });

    /// <summary>The body of a comprehension, which may use its variables.</summary>
    private Piece Within(string[] names, Kinds[] kinds, Kinds body, int depth)
    {
        for (var i = 0; i < names.Length; i++)
        {
            _scope.Add((names[i], kinds[i]));
        }

        var piece = Of(body, depth);
        _scope.RemoveRange(_scope.Count - names.Length, names.Length);
        return piece;
    }

    // Sometimes a name that is in use: it hides the other.
    private string Name() => random.Next(8) == 0 ? Pick("i", "s", "v0", "object") : $"v{_names++ % 6}";

    private (Kinds List, Kinds Element) AnyList() => Pick(
        (Kinds.Ints, Kinds.Int), (Kinds.Ints, Kinds.Int), (Kinds.Strings, Kinds.String), (Kinds.Numbers, Kinds.Double), (Kinds.Lists, Kinds.Ints), (Kinds.Dyn, Kinds.Dyn));

    private Piece Listed(Kinds element, int depth)
    {
        Piece[] items = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Of(element, depth))];
        return P($"[{string.Join(", ", items.Select(_ => random.Next(12) == 0 && element == Kinds.Int ? "?li[?§]" : "§"))}]", items);
    }
}
