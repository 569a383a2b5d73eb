using Capstan.Cel.Syntax;
using Capstan.Cel.Values;

namespace Capstan.Cel.Library;

/// <summary>The operators <c>+ - * / %</c> and the sign. Operands of different kinds have no overload, but times and durations.</summary>
internal static class Arithmetic
{
    private const int MaxItems = 1 << 24;

    public static void Declare(FunctionSet set)
    {
        set.Global(Operators.Add, 2, a => Add(a[0], a[1]));
        set.Global(Operators.Subtract, 2, a => Subtract(a[0], a[1]));
        set.Global(Operators.Multiply, 2, a => Multiply(a[0], a[1]));
        set.Global(Operators.Divide, 2, a => Divide(a[0], a[1]));
        set.Global(Operators.Modulo, 2, a => Modulo(a[0], a[1]));
        set.Global(Operators.Negate, 1, a => Negate(a[0]));
    }

    public static CelValue Add(in CelValue a, in CelValue b)
    {
        switch (a.Kind, b.Kind)
        {
            case (CelKind.Int, CelKind.Int): return CelNumbers.TryAdd(a.Int, b.Int, out var i) ? CelValue.Of(i) : CelValue.Error(CelErrorKind.IntOverflow);
            case (CelKind.Uint, CelKind.Uint): return CelNumbers.TryAdd(a.Uint, b.Uint, out var u) ? CelValue.Of(u) : CelValue.Error(CelErrorKind.UintOverflow);
            case (CelKind.Double, CelKind.Double): return CelValue.Of(a.Double + b.Double);
            case (CelKind.String, CelKind.String):
                var (left, right) = (a.String, b.String);
                return left.Length + (long)right.Length > CelText.MaxLength ? CelValue.Error(CelErrorKind.ResultTooLarge) : CelValue.Of(left + right);
            case (CelKind.Bytes, CelKind.Bytes):
                return a.Bytes.LongLength + b.Bytes.Length > CelText.MaxLength
                    ? CelValue.Error(CelErrorKind.ResultTooLarge)
                    : CelValue.Of([.. a.Bytes, .. b.Bytes]);
            case (CelKind.List, CelKind.List): return a.List.Plus(b.List);
            case (CelKind.Duration, CelKind.Duration): return Of(a.Duration.TryAdd(b.Duration, out var d), d);
            case (CelKind.Timestamp, CelKind.Duration): return Of(a.Timestamp.TryAdd(b.Duration, out var t), t);
            case (CelKind.Duration, CelKind.Timestamp): return Of(b.Timestamp.TryAdd(a.Duration, out var s), s);
            default: return FunctionSet.NoOverload(Operators.Add);
        }
    }

    /// <summary>One list behind the other, or an error.</summary>
    public static CelValue Joined(CelList a, CelList b) =>
        a.Count == 0 || b.Count == 0 ? CelValue.Of(a.Count == 0 ? b : a)
        : TooLong(a, b) is { IsError: true } error ? error
        : CelValue.Of(CelList.Of([.. a.ToArray(), .. b.ToArray()]));

    /// <summary>The error of two lists that are too long together; else no value.</summary>
    public static CelValue TooLong(CelList a, CelList b) =>
        a.Count + (long)b.Count > MaxItems ? CelValue.Failure($"the resulting list is longer than {MaxItems}") : default;

    private static CelValue Subtract(in CelValue a, in CelValue b)
    {
        switch (a.Kind, b.Kind)
        {
            case (CelKind.Int, CelKind.Int): return CelNumbers.TrySubtract(a.Int, b.Int, out var i) ? CelValue.Of(i) : CelValue.Error(CelErrorKind.IntOverflow);
            case (CelKind.Uint, CelKind.Uint): return CelNumbers.TrySubtract(a.Uint, b.Uint, out var u) ? CelValue.Of(u) : CelValue.Error(CelErrorKind.UintOverflow);
            case (CelKind.Double, CelKind.Double): return CelValue.Of(a.Double - b.Double);
            case (CelKind.Duration, CelKind.Duration): return Of(a.Duration.TrySubtract(b.Duration, out var d), d);
            case (CelKind.Timestamp, CelKind.Timestamp): return Of(a.Timestamp.TrySubtract(b.Timestamp, out var e), e);
            case (CelKind.Timestamp, CelKind.Duration):
                var error = a.Timestamp.Subtract(b.Duration, out var t);
                return error == CelErrorKind.None ? CelValue.Of(t) : CelValue.Error(error);
            default: return FunctionSet.NoOverload(Operators.Subtract);
        }
    }

    private static CelValue Multiply(in CelValue a, in CelValue b) => (a.Kind, b.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => CelNumbers.TryMultiply(a.Int, b.Int, out var i) ? CelValue.Of(i) : CelValue.Error(CelErrorKind.IntOverflow),
        (CelKind.Uint, CelKind.Uint) => CelNumbers.TryMultiply(a.Uint, b.Uint, out var u) ? CelValue.Of(u) : CelValue.Error(CelErrorKind.UintOverflow),
        (CelKind.Double, CelKind.Double) => CelValue.Of(a.Double * b.Double),
        _ => FunctionSet.NoOverload(Operators.Multiply),
    };

    private static CelValue Divide(in CelValue a, in CelValue b) => (a.Kind, b.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => Of(CelNumbers.Divide(a.Int, b.Int, out var i), CelValue.Of(i)),
        (CelKind.Uint, CelKind.Uint) => Of(CelNumbers.Divide(a.Uint, b.Uint, out var u), CelValue.Of(u)),
        (CelKind.Double, CelKind.Double) => CelValue.Of(a.Double / b.Double),
        _ => FunctionSet.NoOverload(Operators.Divide),
    };

    private static CelValue Modulo(in CelValue a, in CelValue b) => (a.Kind, b.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => Of(CelNumbers.Modulo(a.Int, b.Int, out var i), CelValue.Of(i)),
        (CelKind.Uint, CelKind.Uint) => Of(CelNumbers.Modulo(a.Uint, b.Uint, out var u), CelValue.Of(u)),
        _ => FunctionSet.NoOverload(Operators.Modulo),
    };

    private static CelValue Negate(in CelValue a) => a.Kind switch
    {
        CelKind.Int => CelNumbers.TryNegate(a.Int, out var i) ? CelValue.Of(i) : CelValue.Error(CelErrorKind.IntOverflow),
        CelKind.Double => CelValue.Of(-a.Double),
        CelKind.Duration => Of(a.Duration.TryNegate(out var d), d),
        _ => FunctionSet.NoOverload(Operators.Negate),
    };

    private static CelValue Of(bool fits, CelDuration value) => fits ? CelValue.Of(value) : CelValue.Error(CelErrorKind.IntOverflow);

    private static CelValue Of(bool fits, CelTimestamp value) => fits ? CelValue.Of(value) : CelValue.Error(CelErrorKind.TimestampOverflow);

    private static CelValue Of(CelErrorKind error, CelValue value) => error == CelErrorKind.None ? value : CelValue.Error(error);
}
