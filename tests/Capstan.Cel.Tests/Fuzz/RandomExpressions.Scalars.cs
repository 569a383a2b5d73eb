namespace Capstan.Cel.Tests.Fuzz;

internal sealed partial class RandomExpressions
{
    private Piece Bool(int depth)
    {
        switch (random.Next(24))
        {
            case 0 or 1:
                return P(Pick("(§ && §)", "(§ || §)", "(§ && § && §)", "(§ || § || §)"), Of(Kinds.Bool, depth), Of(Kinds.Bool, depth), Of(Kinds.Bool, depth));
            case 2:
                return P(Pick("!§", "!(§)"), P("(§)", Of(Kinds.Bool, depth)));
            case 3 or 4:
                var same = Any();
                return P(Pick("(§ == §)", "(§ != §)"), Of(same, depth), Of(random.Next(8) == 0 ? Any() : same, depth));
            case 5 or 6 or 7:
                var ordered = random.Next(2) == 0 ? Kinds.Int : Comparable();
                var other = ordered is Kinds.Int or Kinds.Uint or Kinds.Double && random.Next(3) == 0 ? Pick(Kinds.Int, Kinds.Uint, Kinds.Double) : ordered;
                return P(Pick("(§ < §)", "(§ <= §)", "(§ > §)", "(§ >= §)"), Of(ordered, depth), Of(other, depth));
            case 8:
                var (list, element) = AnyList();
                return P("(§ in §)", Of(element, depth), Of(list, depth));
            case 9:
                return P("(§ in §)", Of(Kinds.String, depth), Of(Pick(Kinds.Counts, Kinds.Dyn), depth));
            case 10:
                return P(Pick("has(§.a)", "has(§.name)", "has(§.spec)", "has(§.?a.b)"), Of(Pick(Kinds.Dyn, Kinds.Dyn, Kinds.Counts), depth));
            case 11 or 12 or 13:
                return Quantified(depth);
            case 14 or 15:
                return P(Pick("§.contains(§)", "§.startsWith(§)", "§.endsWith(§)"), Of(Kinds.String, depth), Of(Kinds.String, depth));
            case 16:
                return P(Pick(
                    "§.matches('^a')", "§.matches('a|b+')", "§.matches('[a-c]x?$')", "§.matches('')", "matches(§, '(ab)*c')", "§.matches('\\\\d')",
                    "§.matches('(')"), Of(Kinds.String, depth));
            case 17:
                var (sets, _) = AnyList();
                return P(Pick("sets.contains(§, §)", "sets.equivalent(§, §)", "sets.intersects(§, §)"), Of(sets, depth), Of(sets, depth));
            case 18:
                return P("§.hasValue()", Of(Pick(Kinds.Optional, Kinds.OptionalText), depth));
            case 19:
                return P("bool(§)", Of(Pick(Kinds.String, Kinds.Bool), depth));
            case 20 when withMath:
                return P(Pick("math.isNaN(§)", "math.isInf(§)", "math.isFinite(§)"), Of(Kinds.Double, depth));
            case 20:
                return P("§.isSorted()", Of(Pick(Kinds.Ints, Kinds.Strings, Kinds.Numbers), depth));
            default:
                return P("(§ == §)", Of(Kinds.Type, depth), Of(Kinds.Type, depth));
        }
    }

    private Piece Int(int depth)
    {
        switch (random.Next(withMath ? 22 : 21))
        {
            case 0 or 1 or 2 or 3:
                return P(Pick("(§ + §)", "(§ - §)", "(§ * §)", "(§ / §)", "(§ % §)"), Of(Kinds.Int, depth), Of(Kinds.Int, depth));
            case 4:
                return P("-(§)", Of(Kinds.Int, depth));
            case 5 or 6:
                return P(Pick("size(§)", "§.size()"), Of(Pick(Kinds.String, Kinds.Bytes, Kinds.Ints, Kinds.Strings, Kinds.Counts, Kinds.Dyn), depth));
            case 7 or 8:
                return P("int(§)", Of(Pick(Kinds.Int, Kinds.Uint, Kinds.Double, Kinds.String, Kinds.Timestamp, Kinds.Duration, Kinds.Dyn), depth));
            case 9:
                return P(Pick("§.indexOf(§)", "§.lastIndexOf(§)"), Of(Kinds.String, depth), Of(Kinds.String, depth));
            case 10:
                return P(Pick("§.indexOf(§, §)", "§.lastIndexOf(§, §)"), Of(Kinds.String, depth), Of(Kinds.String, depth), Of(Kinds.Int, depth));
            case 11 or 12:
                return P($"§.{Pick("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds")}({Pick("", "", "'UTC'", "'+05:30'", "'-08:00'", "'Etc/GMT+5'", "'nowhere'")})",
                    Of(Kinds.Timestamp, 0));
            case 13:
                return P($"§.{Pick("getHours", "getMinutes", "getSeconds", "getMilliseconds")}()", Of(Kinds.Duration, depth));
            case 14:
                return P("§[§]", Of(Kinds.Ints, depth), Of(Kinds.Int, depth));
            case 15:
                return P(Pick("§['a']", "§.b", "§['👑']"), Of(Kinds.Counts, depth));
            case 16 or 17:
                return P("§.orValue(§)", Of(Kinds.Optional, depth), Of(Kinds.Int, depth));
            case 18:
                return P("§.value()", Of(Kinds.Optional, depth));
            case 19 when !withMath:
                return P(Pick("§.min()", "§.max()", "(§ + [0]).sum()"), Of(Kinds.Ints, depth));
            case 20 when !withMath:
                var (list, element) = AnyList();
                return P(Pick("§.indexOf(§)", "§.lastIndexOf(§)"), Of(list, depth), Of(element, depth));
            case 19:
                return P(Pick("math.abs(§)", "math.sign(§)", "math.bitNot(§)", "math.greatest(li)"), Of(Kinds.Int, depth));
            default:
                return P(Pick(
                    "math.greatest(§, §)", "math.least(§, §)", "math.bitAnd(§, §)", "math.bitOr(§, §)", "math.bitXor(§, §)", "math.bitShiftLeft(§, §)",
                    "math.bitShiftRight(§, §)", "math.least([§, §])"), Of(Kinds.Int, depth), Of(Kinds.Int, depth));
        }
    }

    private Piece Uint(int depth) => random.Next(withMath ? 7 : 5) switch
    {
        0 or 1 => P(Pick("(§ + §)", "(§ - §)", "(§ * §)", "(§ / §)", "(§ % §)"), Of(Kinds.Uint, depth), Of(Kinds.Uint, depth)),
        2 or 3 => P("uint(§)", Of(Pick(Kinds.Int, Kinds.Uint, Kinds.Double, Kinds.String, Kinds.Dyn), depth)),
        4 => Leaf(Kinds.Uint),
        5 => P(Pick("math.abs(§)", "math.sign(§)", "math.bitNot(§)", "math.bitShiftLeft(§, 3)", "math.bitShiftRight(§, 3)"), Of(Kinds.Uint, depth)),
        _ => P(Pick("math.greatest(§, §)", "math.least(§, §)", "math.bitAnd(§, §)"), Of(Kinds.Uint, depth), Of(Kinds.Uint, depth)),
    };

    private Piece Double(int depth) => random.Next(withMath ? 7 : 6) switch
    {
        5 when !withMath => P(Pick("§.min()", "§.max()", "(§ + [1.5]).sum()"), Of(Kinds.Numbers, depth)),
        0 or 1 => P(Pick("(§ + §)", "(§ - §)", "(§ * §)", "(§ / §)"), Of(Kinds.Double, depth), Of(Kinds.Double, depth)),
        2 or 3 => P("double(§)", Of(Pick(Kinds.Int, Kinds.Uint, Kinds.Double, Kinds.String, Kinds.Dyn), depth)),
        4 => P("-(§)", Of(Kinds.Double, depth)),
        5 => P(Pick("math.ceil(§)", "math.floor(§)", "math.round(§)", "math.trunc(§)", "math.abs(§)", "math.sign(§)", "math.sqrt(§)"), Of(Kinds.Double, depth)),
        _ => P(Pick("math.greatest(§, §)", "math.least(§, §)"), Of(Kinds.Double, depth), Of(Kinds.Double, depth)),
    };

    private Piece String(int depth)
    {
        switch (random.Next(17))
        {
            case 16 when !withMath:
                return P(Pick("§.min()", "§.max()"), Of(Kinds.Strings, depth));
            case 0 or 1:
                return P("(§ + §)", Of(Kinds.String, depth), Of(Kinds.String, depth));
            case 2 or 3:
                return P("string(§)", Of(Pick(Kinds.Int, Kinds.Uint, Kinds.Double, Kinds.String, Kinds.Bytes, Kinds.Bool, Kinds.Timestamp, Kinds.Duration), depth));
            case 4:
                return P("§.charAt(§)", Of(Kinds.String, depth), Of(Kinds.Int, depth));
            case 5:
                return P("§.substring(§)", Of(Kinds.String, depth), Of(Kinds.Int, depth));
            case 6:
                return P("§.substring(§, §)", Of(Kinds.String, depth), Of(Kinds.Int, depth), Of(Kinds.Int, depth));
            case 7:
                return P(Pick("§.lowerAscii()", "§.upperAscii()", "§.trim()", "strings.quote(§)"), Of(Kinds.String, depth));
            case 8:
                return P("§.replace(§, §)", Of(Kinds.String, depth), Of(Kinds.String, depth), Of(Kinds.String, depth));
            case 9:
                return P($"§.replace(§, §, {Pick("0", "1", "2", "-1")})", Of(Kinds.String, depth), Of(Kinds.String, depth), Of(Kinds.String, depth));
            case 10:
                return P("§.join()", Of(Kinds.Strings, depth));
            case 11:
                return P("§.join(§)", Of(Kinds.Strings, depth), Of(Kinds.String, depth));
            case 12:
                return P("§[§]", Of(Kinds.Strings, depth), Of(Kinds.Int, 0));
            case 13 or 14:
                return P("§.orValue(§)", Of(Kinds.OptionalText, depth), Of(Kinds.String, depth));
            default:
                return Leaf(Kinds.String);
        }
    }

    private Piece Bytes(int depth) => random.Next(3) switch
    {
        0 => P("(§ + §)", Of(Kinds.Bytes, depth), Of(Kinds.Bytes, depth)),
        1 => P("bytes(§)", Of(Pick(Kinds.String, Kinds.Bytes), depth)),
        _ => Leaf(Kinds.Bytes),
    };

    private Piece Timestamp(int depth) => random.Next(5) switch
    {
        0 or 1 => P(Pick("(§ + §)", "(§ - §)"), Of(Kinds.Timestamp, depth), Of(Kinds.Duration, depth)),
        2 => P("(§ + §)", Of(Kinds.Duration, depth), Of(Kinds.Timestamp, depth)),
        3 => P("timestamp(§)", Of(Pick(Kinds.Int, Kinds.String, Kinds.Timestamp), depth)),
        _ => Leaf(Kinds.Timestamp),
    };

    private Piece Duration(int depth) => random.Next(5) switch
    {
        0 or 1 => P(Pick("(§ + §)", "(§ - §)"), Of(Kinds.Duration, depth), Of(Kinds.Duration, depth)),
        2 => P("(§ - §)", Of(Kinds.Timestamp, depth), Of(Kinds.Timestamp, depth)),
        3 => P("duration(§)", Of(Pick(Kinds.String, Kinds.Duration), depth)),
        _ => Leaf(Kinds.Duration),
    };

    private Piece Type(int depth) => P("type(§)", Of(Any(), depth));
}
