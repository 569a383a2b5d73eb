using System.Runtime.CompilerServices;
using Capstan.Cel.Costs;
using Capstan.Cel.Syntax;
using Capstan.Cel.Values;

namespace Capstan.Cel.Evaluation;

/// <summary><c>+ - * / %</c> where the cost is 1: of two ints without making values of them, of all else by the function. Both sides are evaluated.</summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="name">The operator.</param>
/// <param name="function">The operation on any values.</param>
/// <param name="left">The left side.</param>
/// <param name="right">The right side.</param>
internal sealed class ArithmeticNode(int id, string name, CelFunction function, EvalNode left, EvalNode right)
    : CallNode(id, function, [left, right], CallCost.One, stopsAtError: false)
{
    private readonly char _operation = name[1];

    /// <summary>Whether it is one of the operators.</summary>
    public static bool Fits(string function) =>
        function is Operators.Add or Operators.Subtract or Operators.Multiply or Operators.Divide or Operators.Modulo;

    public override void Evaluate(Frame frame, out CelValue result)
    {
        if (TryInt(frame, out var value, out result))
        {
            result = CelValue.Of(value);
        }
    }

    public override bool TryInt(Frame frame, out long value, out CelValue other)
    {
        var leftIsInt = left.TryInt(frame, out var a, out var x);
        var rightIsInt = right.TryInt(frame, out var b, out var y);
        if (leftIsInt && rightIsInt && TryCompute(a, b, out value))
        {
            frame.Charge(CostFactors.CallCost);
            Unsafe.SkipInit(out other);
            return true;
        }

        Complete(frame, [leftIsInt ? CelValue.Of(a) : x, rightIsInt ? CelValue.Of(b) : y], out other);
        value = other.Int;
        return other.Kind == CelKind.Int;
    }

    private bool TryCompute(long a, long b, out long value)
    {
        switch (_operation)
        {
            case '+': return CelNumbers.TryAdd(a, b, out value);
            case '-': return CelNumbers.TrySubtract(a, b, out value);
            case '*': return CelNumbers.TryMultiply(a, b, out value);
            case '/': return CelNumbers.Divide(a, b, out value) == CelErrorKind.None;
            default: return CelNumbers.Modulo(a, b, out value) == CelErrorKind.None;
        }
    }
}
