using System.Numerics;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Reference;

/// <summary><c>+ - * / %</c>, the sign, and the four relations.</summary>
internal static class RefArithmetic
{
    public static RefValue? Call(string function, RefValue[] a) => (function, a) switch
    {
        (Operators.Add, [RefInt x, RefInt y]) => RefValue.Int(x.Value + y.Value),
        (Operators.Add, [RefUint x, RefUint y]) => RefValue.Uint(x.Value + y.Value),
        (Operators.Add, [RefDouble x, RefDouble y]) => new RefDouble(x.Value + y.Value),
        (Operators.Add, [RefString x, RefString y]) => new RefString(x.Value + y.Value),
        (Operators.Add, [RefBytes x, RefBytes y]) => new RefBytes([.. x.Value, .. y.Value]),
        (Operators.Add, [RefList x, RefList y]) => new RefList([.. x.Items, .. y.Items]),
        (Operators.Add, [RefDuration x, RefDuration y]) => RefValue.Duration(x.Nanoseconds + y.Nanoseconds),
        (Operators.Add, [RefTimestamp x, RefDuration y]) => RefValue.Timestamp(x.Nanoseconds + y.Nanoseconds, x.OffsetMinutes),
        (Operators.Add, [RefDuration x, RefTimestamp y]) => RefValue.Timestamp(x.Nanoseconds + y.Nanoseconds, y.OffsetMinutes),
        (Operators.Subtract, [RefInt x, RefInt y]) => RefValue.Int(x.Value - y.Value),
        (Operators.Subtract, [RefUint x, RefUint y]) => RefValue.Uint(x.Value - y.Value),
        (Operators.Subtract, [RefDouble x, RefDouble y]) => new RefDouble(x.Value - y.Value),
        (Operators.Subtract, [RefDuration x, RefDuration y]) => RefValue.Duration(x.Nanoseconds - y.Nanoseconds),

        // The duration is negated first, and the least of them cannot be.
        (Operators.Subtract, [RefTimestamp x, RefDuration y]) => RefValue.Duration(-y.Nanoseconds) is RefDuration minus
            ? RefValue.Timestamp(x.Nanoseconds + minus.Nanoseconds, x.OffsetMinutes)
            : new RefError("duration out of range"),

        (Operators.Subtract, [RefTimestamp x, RefTimestamp y]) => Between(y, x),
        (Operators.Multiply, [RefInt x, RefInt y]) => RefValue.Int(x.Value * y.Value),
        (Operators.Multiply, [RefUint x, RefUint y]) => RefValue.Uint(x.Value * y.Value),
        (Operators.Multiply, [RefDouble x, RefDouble y]) => new RefDouble(x.Value * y.Value),
        (Operators.Divide, [RefInt x, RefInt y]) => y.Value.IsZero ? new RefError("division by zero") : RefValue.Int(BigInteger.Divide(x.Value, y.Value)),
        (Operators.Divide, [RefUint x, RefUint y]) => y.Value.IsZero ? new RefError("division by zero") : RefValue.Uint(BigInteger.Divide(x.Value, y.Value)),
        (Operators.Divide, [RefDouble x, RefDouble y]) => new RefDouble(x.Value / y.Value),

        // The least int by -1 has the remainder 0, but the division does not fit.
        (Operators.Modulo, [RefInt x, RefInt y]) => y.Value.IsZero ? new RefError("modulus by zero")
            : RefValue.Int(BigInteger.Divide(x.Value, y.Value)) is RefError error ? error
            : RefValue.Int(BigInteger.Remainder(x.Value, y.Value)),
        (Operators.Modulo, [RefUint x, RefUint y]) => y.Value.IsZero ? new RefError("modulus by zero") : RefValue.Uint(BigInteger.Remainder(x.Value, y.Value)),
        (Operators.Negate, [RefInt x]) => RefValue.Int(-x.Value),
        (Operators.Negate, [RefDouble x]) => new RefDouble(-x.Value),
        (Operators.Negate, [RefDuration x]) => RefValue.Duration(-x.Nanoseconds),
        (Operators.Less, [var x, var y]) => RefEquality.Order(x, y) is { } order ? RefValue.Of(order < 0) : null,
        (Operators.LessEquals, [var x, var y]) => RefEquality.Order(x, y) is { } order ? RefValue.Of(order <= 0) : null,
        (Operators.Greater, [var x, var y]) => RefEquality.Order(x, y) is { } order ? RefValue.Of(order > 0) : null,
        (Operators.GreaterEquals, [var x, var y]) => RefEquality.Order(x, y) is { } order ? RefValue.Of(order >= 0) : null,
        _ => null,
    };

    // The whole seconds must fit as nanoseconds before the rest is added.
    private static RefValue Between(RefTimestamp from, RefTimestamp to)
    {
        var seconds = (to.Nanoseconds - Rest(to.Nanoseconds)) - (from.Nanoseconds - Rest(from.Nanoseconds));
        return RefValue.Duration(seconds) is RefError error ? error : RefValue.Duration(to.Nanoseconds - from.Nanoseconds);
    }

    private static BigInteger Rest(BigInteger nanoseconds) => ((nanoseconds % 1_000_000_000) + 1_000_000_000) % 1_000_000_000;
}
