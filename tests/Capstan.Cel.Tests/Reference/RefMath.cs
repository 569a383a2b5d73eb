using System.Numerics;

namespace Capstan.Cel.Tests.Reference;

/// <summary>The math extension.</summary>
internal static class RefMath
{
    private static readonly BigInteger _mask = ulong.MaxValue;

    public static RefValue? Call(string function, RefValue[] a) => (function, a) switch
    {
        ("math.@min", [RefList l]) => Extreme(l.Items, -1),
        ("math.@min", [_, _]) => Extreme(a, -1),
        ("math.@min", [_]) => Extreme(a, -1),
        ("math.@max", [RefList l]) => Extreme(l.Items, 1),
        ("math.@max", [_, _]) => Extreme(a, 1),
        ("math.@max", [_]) => Extreme(a, 1),
        ("math.ceil", [RefDouble x]) => new RefDouble(Math.Ceiling(x.Value)),
        ("math.floor", [RefDouble x]) => new RefDouble(Math.Floor(x.Value)),
        ("math.round", [RefDouble x]) => new RefDouble(Math.Round(x.Value, MidpointRounding.AwayFromZero)),
        ("math.trunc", [RefDouble x]) => new RefDouble(Math.Truncate(x.Value)),
        ("math.isNaN", [RefDouble x]) => RefValue.Of(double.IsNaN(x.Value)),
        ("math.isInf", [RefDouble x]) => RefValue.Of(double.IsInfinity(x.Value)),
        ("math.isFinite", [RefDouble x]) => RefValue.Of(double.IsFinite(x.Value)),
        ("math.abs", [RefInt x]) => RefValue.Int(BigInteger.Abs(x.Value)),
        ("math.abs", [RefUint x]) => x,
        ("math.abs", [RefDouble x]) => new RefDouble(Math.Abs(x.Value)),
        ("math.sign", [RefInt x]) => new RefInt(x.Value.Sign),
        ("math.sign", [RefUint x]) => new RefUint(x.Value.Sign),
        ("math.sign", [RefDouble x]) => new RefDouble(double.IsNaN(x.Value) ? double.NaN : Math.Sign(x.Value)),
        ("math.sqrt", [RefInt x]) => new RefDouble(Math.Sqrt((long)x.Value)),
        ("math.sqrt", [RefUint x]) => new RefDouble(Math.Sqrt((ulong)x.Value)),
        ("math.sqrt", [RefDouble x]) => new RefDouble(Math.Sqrt(x.Value)),
        ("math.bitAnd", [RefInt x, RefInt y]) => new RefInt(x.Value & y.Value),
        ("math.bitAnd", [RefUint x, RefUint y]) => new RefUint(x.Value & y.Value),
        ("math.bitOr", [RefInt x, RefInt y]) => new RefInt(x.Value | y.Value),
        ("math.bitOr", [RefUint x, RefUint y]) => new RefUint(x.Value | y.Value),
        ("math.bitXor", [RefInt x, RefInt y]) => new RefInt(x.Value ^ y.Value),
        ("math.bitXor", [RefUint x, RefUint y]) => new RefUint(x.Value ^ y.Value),
        ("math.bitNot", [RefInt x]) => new RefInt(-x.Value - 1),
        ("math.bitNot", [RefUint x]) => new RefUint(_mask - x.Value),
        ("math.bitShiftLeft", [RefInt x, RefInt n]) => Shift(n, bits => Signed((x.Value << bits) & _mask)),
        ("math.bitShiftLeft", [RefUint x, RefInt n]) => Shift(n, bits => new RefUint((x.Value << bits) & _mask)),

        // To the right an int is shifted as if it had no sign.
        ("math.bitShiftRight", [RefInt x, RefInt n]) => Shift(n, bits => Signed((x.Value & _mask) >> bits)),
        ("math.bitShiftRight", [RefUint x, RefInt n]) => Shift(n, bits => new RefUint(x.Value >> bits)),
        _ => null,
    };

    private static RefInt Signed(BigInteger bits) => new((long)(ulong)bits);

    private static RefValue Shift(RefInt count, Func<int, RefValue> shift) =>
        count.Value < 0 ? new RefError("negative offset") : shift((int)BigInteger.Min(count.Value, 64));

    // Of equal numbers the first; one that cannot be compared with the best so far is an error.
    private static RefValue? Extreme(IReadOnlyList<RefValue> items, int wanted)
    {
        if (items.Any(i => !RefEquality.IsNumber(i)))
        {
            return null;
        }

        if (items.Count == 0)
        {
            return new RefError("empty list");
        }

        var best = items[0];
        foreach (var item in items.Skip(1))
        {
            if (RefEquality.Order(item, best) is not { } order)
            {
                return new RefError("no order");
            }

            best = order == wanted ? item : best;
        }

        return best;
    }
}
