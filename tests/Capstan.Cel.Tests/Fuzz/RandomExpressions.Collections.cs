namespace Capstan.Cel.Tests.Fuzz;

internal sealed partial class RandomExpressions
{
    private Piece Quantified(int depth)
    {
        if (random.Next(3) == 0)
        {
            var (first, second) = Pair();
            var (range, kinds) = Pick((Kinds.Ints, new[] { Kinds.Int, Kinds.Int }), (Kinds.Counts, [Kinds.String, Kinds.Int]), (Kinds.Dyn, [Kinds.Dyn, Kinds.Dyn]));
            return P($"§.{Pick("all", "exists", "existsOne")}({first}, {second}, §)", Of(range, depth), Within([first, second], kinds, Kinds.Bool, depth));
        }

        var name = Name();
        var (list, element) = random.Next(4) == 0 ? (Kinds.Counts, Kinds.String) : AnyList();
        return P($"§.{Pick("all", "exists", "exists_one")}({name}, §)", Of(list, depth), Within([name], [element], Kinds.Bool, depth));
    }

    private (string First, string Second) Pair()
    {
        var (first, second) = (Name(), Name());
        return (first, first == second ? second + "x" : second);
    }

    private Piece Ints(int depth) => random.Next(8) switch
    {
        0 => P("lists.range(§)", P(Pick("0", "1", "3", "-1", "size(ls)", "7"))),
        1 => Mapped(Kinds.Int, depth),
        2 => P("§.flatten()", Of(Kinds.Lists, depth)),
        3 => P("§[§]", Of(Kinds.Lists, depth), Of(Kinds.Int, 0)),
        4 => P(Pick("optional.unwrap([§, §])", "[§, §].unwrapOpt()"), Of(Kinds.Optional, depth), Of(Kinds.Optional, depth)),
        _ => Made(Kinds.Ints, Kinds.Int, depth),
    };

    private Piece Strings(int depth) => random.Next(7) switch
    {
        0 => P("§.split(§)", Of(Kinds.String, depth), Of(Kinds.String, depth)),
        1 => P($"§.split(§, {Pick("0", "1", "2", "-1", "100")})", Of(Kinds.String, depth), Of(Kinds.String, depth)),
        2 => Mapped(Kinds.String, depth),
        _ => Made(Kinds.Strings, Kinds.String, depth),
    };

    private Piece Lists(int depth) => random.Next(4) == 0 ? Mapped(Kinds.Ints, depth) : Made(Kinds.Lists, Kinds.Ints, depth);

    private Piece Numbers(int depth) => random.Next(3) == 0 ? Mapped(Kinds.Double, depth) : Made(Kinds.Numbers, Kinds.Double, depth);

    /// <summary>What is made the same way of all lists.</summary>
    private Piece Made(Kinds list, Kinds element, int depth)
    {
        var name = Name();
        switch (random.Next(12))
        {
            case 0 or 1 or 2:
                return Listed(element, depth);
            case 3 or 4:
                return P("(§ + §)", Of(list, depth), Of(list, depth));
            case 5 or 6:
                return P($"§.filter({name}, §)", Of(list, depth), Within([name], [element], Kinds.Bool, depth));
            case 7:
                return P($"§.slice({Pick("0, 1", "1, 2", "0, 0", "2, 1", "-1, 1", "0, size(li)")})", Of(list, depth));
            case 8:
                return P(Pick("§.distinct()", "§.reverse()", "§.flatten(0)"), Of(list, depth));
            case 9 when list != Kinds.Lists:
                return P("§.sort()", Of(list, depth));
            case 10:
                return P($"§.sortBy({name}, §)", Of(list, depth), Within([name], [element], Comparable(), depth));
            default:
                return Leaf(list);
        }
    }

    private Piece Mapped(Kinds result, int depth)
    {
        if (random.Next(4) == 0)
        {
            var (first, second) = Pair();
            var (range, kinds) = Pick((Kinds.Strings, new[] { Kinds.Int, Kinds.String }), (Kinds.Counts, [Kinds.String, Kinds.Int]), (Kinds.Dyn, [Kinds.Dyn, Kinds.Dyn]));
            return random.Next(3) == 0
                ? P($"§.transformList({first}, {second}, §, §)", Of(range, depth), Within([first, second], kinds, Kinds.Bool, depth), Within([first, second], kinds, result, depth))
                : P($"§.transformList({first}, {second}, §)", Of(range, depth), Within([first, second], kinds, result, depth));
        }

        var name = Name();
        var (list, element) = random.Next(6) == 0 ? (Kinds.Counts, Kinds.String) : AnyList();
        return random.Next(3) == 0
            ? P($"§.map({name}, §, §)", Of(list, depth), Within([name], [element], Kinds.Bool, depth), Within([name], [element], result, depth))
            : P($"§.map({name}, §)", Of(list, depth), Within([name], [element], result, depth));
    }

    private Piece Counts(int depth)
    {
        var (first, second) = Pair();
        switch (random.Next(6))
        {
            case 0:
                return P("{§: §, §: §}", Of(Kinds.String, depth), Of(Kinds.Int, depth), Of(Kinds.String, depth), Of(Kinds.Int, depth));
            case 1:
                return P(Pick("{'a': §, ?'b': §}", "{'a': §, ?'a': §}"), Of(Kinds.Int, depth), Of(Kinds.Optional, depth));
            case 2:
                return P($"§.transformMap({first}, {second}, §)", Of(Kinds.Counts, depth), Within([first, second], [Kinds.String, Kinds.Int], Kinds.Int, depth));
            case 3:
                return P($"§.transformMap({first}, {second}, §, §)", Of(Kinds.Counts, depth),
                    Within([first, second], [Kinds.String, Kinds.Int], Kinds.Bool, depth), Within([first, second], [Kinds.String, Kinds.Int], Kinds.Int, depth));
            case 4:
                return P($"§.transformMapEntry({first}, {second}, {{§: §}})", Of(Kinds.Strings, depth),
                    Within([first, second], [Kinds.Int, Kinds.String], Kinds.String, depth), Within([first, second], [Kinds.Int, Kinds.String], Kinds.Int, depth));
            default:
                return Leaf(Kinds.Counts);
        }
    }

    private Piece Optional(int depth)
    {
        var name = Name();
        return random.Next(8) switch
        {
            0 => P(Pick("optional.of(§)", "optional.ofNonZeroValue(§)"), Of(Kinds.Int, depth)),
            1 => P("§[?§]", Of(Kinds.Ints, depth), Of(Kinds.Int, depth)),
            2 => P(Pick("§[?'a']", "§.?b"), Of(Kinds.Counts, depth)),
            3 => P("§.or(§)", Of(Kinds.Optional, depth), Of(Kinds.Optional, depth)),
            4 => P($"§.optMap({name}, §)", Of(Kinds.Optional, depth), Within([name], [Kinds.Int], Kinds.Int, depth)),
            5 => P($"§.optFlatMap({name}, §)", Of(Kinds.Optional, depth), Within([name], [Kinds.Int], Kinds.Optional, depth)),
            6 => P(Pick("§.first()", "§.last()"), Of(Kinds.Ints, depth)),
            _ => P("[§][?§][?0]", Of(Kinds.Ints, depth), Of(Kinds.Int, 0)),
        };
    }

    private Piece OptionalText(int depth)
    {
        var name = Name();
        return random.Next(6) switch
        {
            0 => P(Pick("optional.of(§)", "optional.ofNonZeroValue(§)"), Of(Kinds.String, depth)),
            1 => P("§[?§]", Of(Kinds.Strings, depth), Of(Kinds.Int, depth)),
            2 => P(Pick("§.?name", "§.?spec.?name", "§.?spec.name", "§[?'a']", "§.?items[0].name"), Of(Kinds.Dyn, depth)),
            3 => P("§.or(§)", Of(Kinds.OptionalText, depth), Of(Kinds.OptionalText, depth)),
            4 => P($"§.optMap({name}, §)", Of(Pick(Kinds.Optional, Kinds.OptionalText), depth), Within([name], [Kinds.String], Kinds.String, depth)),
            _ => P(Pick("§.first()", "§.last()"), Of(Kinds.Strings, depth)),
        };
    }

    private Piece Dyn(int depth) => random.Next(8) switch
    {
        0 or 1 => P("dyn(§)", Of(Any(), depth)),
        2 => P(Pick("§.a", "§.name", "§.spec", "§.items", "§.spec.items", "§['👑']", "§['x.y']"), Of(Kinds.Dyn, depth)),
        3 => P("§[§]", Of(Kinds.Dyn, depth), Of(Pick(Kinds.Int, Kinds.String, Kinds.Dyn, Kinds.Double, Kinds.Uint), depth)),
        4 => P("{dyn(§): dyn(§), dyn(§): dyn(§)}", Of(Pick(Kinds.Int, Kinds.String, Kinds.Bool, Kinds.Uint), depth), Of(Any(), depth), Of(Pick(Kinds.Int, Kinds.String), depth), Of(Any(), depth)),
        5 => P("[dyn(§), dyn(§)]", Of(Any(), depth), Of(Any(), depth)),
        6 => P(Pick("(§ + §)", "(§ - §)"), Of(Kinds.Dyn, depth), Of(Kinds.Dyn, depth)),
        _ => Leaf(Kinds.Dyn),
    };
}
