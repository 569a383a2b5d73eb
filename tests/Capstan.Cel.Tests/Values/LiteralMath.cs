using Capstan.Cel.Values;

namespace Capstan.Cel.Tests.Values;

/// <summary>The math extension over boxed values.</summary>
internal static class LiteralMath
{
    public static object Call(string function, object?[] a) => (function, a) switch
    {
        ("greatest" or "least", [object?[] list]) => Extreme(function, list),
        ("greatest" or "least", _) => Extreme(function, a),
        ("ceil", [double x]) => CelMath.Ceil(x),
        ("floor", [double x]) => CelMath.Floor(x),
        ("round", [double x]) => CelMath.Round(x),
        ("trunc", [double x]) => CelMath.Trunc(x),
        ("abs", [double x]) => CelMath.Abs(x),
        ("abs", [ulong x]) => x,
        ("abs", [long x]) => CelMath.TryAbs(x, out var magnitude) ? magnitude : throw new CelFailure(CelErrorText.Of(CelErrorKind.IntOverflow)),
        ("sign", [double x]) => CelMath.Sign(x),
        ("sign", [ulong x]) => CelMath.Sign(x),
        ("sign", [long x]) => CelMath.Sign(x),
        ("sqrt", [double x]) => CelMath.Sqrt(x),
        ("sqrt", [long x]) => CelMath.Sqrt(x),
        ("sqrt", [ulong x]) => CelMath.Sqrt(x),
        ("isNaN", [double x]) => CelMath.IsNaN(x),
        ("isInf", [double x]) => CelMath.IsInf(x),
        ("isFinite", [double x]) => CelMath.IsFinite(x),
        ("bitAnd", [long x, long y]) => x & y,
        ("bitAnd", [ulong x, ulong y]) => x & y,
        ("bitOr", [long x, long y]) => x | y,
        ("bitOr", [ulong x, ulong y]) => x | y,
        ("bitXor", [long x, long y]) => x ^ y,
        ("bitXor", [ulong x, ulong y]) => x ^ y,
        ("bitNot", [long x]) => ~x,
        ("bitNot", [ulong x]) => ~x,
        ("bitShiftLeft", [long x, long y]) => LiteralFunctions.Checked(CelMath.ShiftLeft(x, y, out var shifted), shifted),
        ("bitShiftLeft", [ulong x, long y]) => LiteralFunctions.Checked(CelMath.ShiftLeft(x, y, out var shifted), shifted),
        ("bitShiftRight", [long x, long y]) => LiteralFunctions.Checked(CelMath.ShiftRight(x, y, out var shifted), shifted),
        ("bitShiftRight", [ulong x, long y]) => LiteralFunctions.Checked(CelMath.ShiftRight(x, y, out var shifted), shifted),
        _ => throw LiteralFunctions.NoOverload(),
    };

    private static object Extreme(string function, object?[] list)
    {
        var numbers = list.Select(value => LiteralEvaluator.Number(value) ?? throw LiteralFunctions.NoOverload()).ToArray();
        var result = LiteralFunctions.Checked(function == "least" ? CelMath.Least(numbers, out var found) : CelMath.Greatest(numbers, out found), found);
        return result.Kind switch
        {
            CelNumberKind.Int => (object)result.Int,
            CelNumberKind.Uint => result.Uint,
            _ => result.Double,
        };
    }
}
