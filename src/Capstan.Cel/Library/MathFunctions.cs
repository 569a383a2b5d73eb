using Capstan.Cel.Values;

namespace Capstan.Cel.Library;

/// <summary>The math extension.</summary>
internal static class MathFunctions
{
    public static void Declare(FunctionSet set)
    {
        Extreme(set, "math.@max", CelMath.Greatest);
        Extreme(set, "math.@min", CelMath.Least);
        Real(set, "math.ceil", x => CelValue.Of(CelMath.Ceil(x)));
        Real(set, "math.floor", x => CelValue.Of(CelMath.Floor(x)));
        Real(set, "math.round", x => CelValue.Of(CelMath.Round(x)));
        Real(set, "math.trunc", x => CelValue.Of(CelMath.Trunc(x)));
        Real(set, "math.isNaN", x => CelValue.Of(CelMath.IsNaN(x)));
        Real(set, "math.isInf", x => CelValue.Of(CelMath.IsInf(x)));
        Real(set, "math.isFinite", x => CelValue.Of(CelMath.IsFinite(x)));
        set.Global("math.abs", 1, a => a[0].Kind switch
        {
            CelKind.Int => CelMath.TryAbs(a[0].Int, out var i) ? CelValue.Of(i) : CelValue.Error(CelErrorKind.IntOverflow),
            CelKind.Uint => a[0],
            CelKind.Double => CelValue.Of(CelMath.Abs(a[0].Double)),
            _ => FunctionSet.NoOverload("math.abs"),
        });
        set.Global("math.sign", 1, a => a[0].Kind switch
        {
            CelKind.Int => CelValue.Of(CelMath.Sign(a[0].Int)),
            CelKind.Uint => CelValue.Of(CelMath.Sign(a[0].Uint)),
            CelKind.Double => CelValue.Of(CelMath.Sign(a[0].Double)),
            _ => FunctionSet.NoOverload("math.sign"),
        });
        set.Global("math.sqrt", 1, a => a[0].Kind switch
        {
            CelKind.Int => CelValue.Of(CelMath.Sqrt(a[0].Int)),
            CelKind.Uint => CelValue.Of(CelMath.Sqrt(a[0].Uint)),
            CelKind.Double => CelValue.Of(CelMath.Sqrt(a[0].Double)),
            _ => FunctionSet.NoOverload("math.sqrt"),
        });
        Bits(set, "math.bitAnd", (x, y) => x & y);
        Bits(set, "math.bitOr", (x, y) => x | y);
        Bits(set, "math.bitXor", (x, y) => x ^ y);
        set.Global("math.bitNot", 1, a => a[0].Kind switch
        {
            CelKind.Int => CelValue.Of(~a[0].Int),
            CelKind.Uint => CelValue.Of(~a[0].Uint),
            _ => FunctionSet.NoOverload("math.bitNot"),
        });
        set.Global("math.bitShiftLeft", 2, a => (a[0].Kind, a[1].Kind) switch
        {
            (CelKind.Int, CelKind.Int) => Shifted(CelMath.ShiftLeft(a[0].Int, a[1].Int, out long i), CelValue.Of(i), a[1].Int),
            (CelKind.Uint, CelKind.Int) => Shifted(CelMath.ShiftLeft(a[0].Uint, a[1].Int, out ulong u), CelValue.Of(u), a[1].Int),
            _ => FunctionSet.NoOverload("math.bitShiftLeft"),
        });
        set.Global("math.bitShiftRight", 2, a => (a[0].Kind, a[1].Kind) switch
        {
            (CelKind.Int, CelKind.Int) => Shifted(CelMath.ShiftRight(a[0].Int, a[1].Int, out long i), CelValue.Of(i), a[1].Int),
            (CelKind.Uint, CelKind.Int) => Shifted(CelMath.ShiftRight(a[0].Uint, a[1].Int, out ulong u), CelValue.Of(u), a[1].Int),
            _ => FunctionSet.NoOverload("math.bitShiftRight"),
        });
    }

    private delegate CelErrorKind ExtremeOf(ReadOnlySpan<CelNumber> values, out CelNumber result);

    private static void Real(FunctionSet set, string name, Func<double, CelValue> function) =>
        set.Global(name, 1, a => a[0].Kind == CelKind.Double ? function(a[0].Double) : FunctionSet.NoOverload(name));

    private static void Bits(FunctionSet set, string name, Func<ulong, ulong, ulong> function) => set.Global(name, 2, a => (a[0].Kind, a[1].Kind) switch
    {
        (CelKind.Int, CelKind.Int) => CelValue.Of((long)function(a[0].Uint, a[1].Uint)),
        (CelKind.Uint, CelKind.Uint) => CelValue.Of(function(a[0].Uint, a[1].Uint)),
        _ => FunctionSet.NoOverload(name),
    });

    private static CelValue Shifted(CelErrorKind error, CelValue value, long bits) =>
        error == CelErrorKind.None ? value : CelValue.Failure(CelErrorText.Of(error, bits));

    private static void Extreme(FunctionSet set, string name, ExtremeOf extreme)
    {
        set.Global(name, 1, a => Of(name, a[0].Kind == CelKind.List ? a[0].List.ToArray() : [a[0]], extreme));
        set.Global(name, 2, a => Of(name, a, extreme));
    }

    private static CelValue Of(string name, ReadOnlySpan<CelValue> values, ExtremeOf extreme)
    {
        var numbers = new CelNumber[values.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!values[i].IsNumber)
            {
                return FunctionSet.NoOverload(name);
            }

            numbers[i] = values[i].Number;
        }

        var error = extreme(numbers, out var result);
        return error == CelErrorKind.None ? CelValue.Of(result) : CelValue.Failure($"{name}: {CelErrorText.Of(error)}");
    }
}
