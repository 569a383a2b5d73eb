using System.Runtime.CompilerServices;
using Capstan.Cel.Costs;
using Capstan.Cel.Regex;

namespace Capstan.Cel.Evaluation;

/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="function">Picks the overload by the kinds of the values.</param>
/// <param name="arguments">The receiver, if any, and the arguments.</param>
/// <param name="cost">What the call costs.</param>
/// <param name="stopsAtError">
/// Whether arguments after one that fails are left alone, and the call is then not charged; else all are evaluated and it is. cel-go does the
/// one or the other, depending on how a function is bound.
/// </param>
internal class CallNode(int id, CelFunction function, EvalNode[] arguments, CallCost cost, bool stopsAtError) : EvalNode(id)
{
    protected CallCost Cost => cost;

    public override void Evaluate(Frame frame, out CelValue result)
    {
        switch (arguments.Length)
        {
            case 0:
                Call(frame, [], out result);
                break;
            case 1:
                arguments[0].Evaluate(frame, out var only);
                Complete(frame, [only], out result);
                break;
            case 2:
                var two = new Two();
                EvaluateAll(frame, two, out result);
                break;
            case 3 or 4:
                var four = new Four();
                EvaluateAll(frame, ((Span<CelValue>)four)[..arguments.Length], out result);
                break;
            default:
                EvaluateAll(frame, new CelValue[arguments.Length], out result);
                break;
        }
    }

    /// <summary>Calls the function with values that were evaluated, errors among them.</summary>
    protected void Complete(Frame frame, ReadOnlySpan<CelValue> values, out CelValue result)
    {
        // Before the cost, since a list may hold another so many times over that even to measure it would take for ever.
        foreach (ref readonly var value in values)
        {
            if (value.Kind is >= CelKind.String and <= CelKind.Map or CelKind.Optional)
            {
                frame.Work(ValueWeight.Of(value));
            }
        }

        if (frame.IsAborted)
        {
            result = frame.Abort;
            return;
        }

        foreach (ref readonly var value in values)
        {
            if (value.IsError)
            {
                result = value;
                frame.Charge(cost.Of(values, result));
                return;
            }
        }

        Call(frame, values, out result);
    }

    private void EvaluateAll(Frame frame, Span<CelValue> values, out CelValue result)
    {
        for (var i = 0; i < values.Length; i++)
        {
            arguments[i].Evaluate(frame, out values[i]);
            if (stopsAtError && i < values.Length - 1 && values[i].IsError)
            {
                result = values[i];
                return;
            }
        }

        Complete(frame, values, out result);
    }

    private void Call(Frame frame, ReadOnlySpan<CelValue> values, out CelValue result)
    {
        var before = cost.Before(values);
        if (cost.IsOfResult)
        {
            frame.Affords(before);
        }
        else
        {
            frame.Charge(before);
        }

        if (frame.IsAborted)
        {
            result = frame.Abort;
            return;
        }

        result = function(values);
        if (result.Kind is >= CelKind.String and <= CelKind.Map)
        {
            frame.Work(ValueWeight.Of(result));
        }
        else if (result.IsError)
        {
            result = result.WithArguments(values).At(Id);
        }

        if (cost.IsOfResult)
        {
            frame.Charge(cost.Of(values, result));
        }
    }

    [InlineArray(2)]
    private struct Two
    {
        private CelValue _first;
    }

    [InlineArray(4)]
    private struct Four
    {
        private CelValue _first;
    }
}

/// <summary>
/// <c>optional.or(other)</c> and <c>optional.orValue(other)</c>: the other is evaluated only when it is needed. Costs nothing itself. As in cel-go
/// what is no optional comes out as it is.
/// </summary>
internal sealed class OrElseNode(int id, EvalNode target, EvalNode other, bool unwrap) : EvalNode(id)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        target.Evaluate(frame, out result);
        if (result.Kind != CelKind.Optional)
        {
            return;
        }

        if (!result.Optional.HasValue)
        {
            other.Evaluate(frame, out result);
        }
        else if (unwrap)
        {
            result = result.Optional.Value;
        }
    }
}

/// <summary><c>matches</c> of a pattern that is known.</summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="text">The text.</param>
/// <param name="source">The pattern as it is written.</param>
/// <param name="pattern">The pattern.</param>
/// <param name="cost">What the call costs.</param>
/// <param name="stopsAtError">See <see cref="CallNode"/>.</param>
internal sealed class MatchesNode(int id, EvalNode text, CelValue source, Re2 pattern, CallCost cost, bool stopsAtError) : BoolNode(id)
{
    public override int EvalBool(Frame frame)
    {
        text.Evaluate(frame, out var value);
        if (!value.IsError || !stopsAtError)
        {
            frame.Charge(cost.Before([value, source]));
        }

        if (value.Kind != CelKind.String)
        {
            return Fail(frame, value.IsError ? value : CelValue.Error(EvalErrorKind.NoSuchOverload, Id, "matches"));
        }

        if (frame.IsAborted)
        {
            return Fail(frame, frame.Abort);
        }

        var found = value.TryUtf8(out var utf8) ? pattern.IsMatch(utf8) : pattern.IsMatch(value.String);
        return found ? True : False;
    }
}

/// <summary>
/// Names for values that what follows may use: <c>cel.bind</c> and blocks. A value is evaluated where it is first used, so an error counts there.
/// </summary>
internal sealed class BindNode(int id, int[] slots, EvalNode body, ulong cost) : EvalNode(id)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        frame.Charge(cost);
        foreach (var slot in slots)
        {
            frame.Slots[slot] = default;
        }

        body.Evaluate(frame, out result);
    }
}
