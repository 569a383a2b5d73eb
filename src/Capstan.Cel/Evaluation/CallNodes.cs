using System.Runtime.CompilerServices;
using Capstan.Cel.Regex;

namespace Capstan.Cel.Evaluation;

internal sealed class CallNode(int id, CelFunction function, EvalNode[] arguments) : EvalNode(id)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        var few = new Few();
        Span<CelValue> values = arguments.Length <= Few.Length ? ((Span<CelValue>)few)[..arguments.Length] : new CelValue[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i].Evaluate(frame, out values[i]);
            if (values[i].IsError)
            {
                result = values[i];
                return;
            }
        }

        result = function(values);
        if (result.IsError)
        {
            result = result.WithArguments(values).At(Id);
        }
    }

    [InlineArray(Length)]
    private struct Few
    {
        public const int Length = 4;
        private CelValue _first;
    }
}

/// <summary><c>optional.or(other)</c> and <c>optional.orValue(other)</c>: the other is evaluated only when it is needed.</summary>
internal sealed class OrElseNode(int id, EvalNode target, EvalNode other, bool unwrap) : EvalNode(id)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        target.Evaluate(frame, out result);
        if (result.Kind == CelKind.Optional)
        {
            if (!result.Optional.HasValue)
            {
                other.Evaluate(frame, out result);
                if (!unwrap && result.Kind != CelKind.Optional && !result.IsError)
                {
                    result = CelValue.Error(EvalErrorKind.NoSuchOverload, Id, "or");
                }
            }
            else if (unwrap)
            {
                result = result.Optional.Value;
            }
        }
        else if (!result.IsError)
        {
            result = CelValue.Error(EvalErrorKind.NoSuchOverload, Id, unwrap ? "orValue" : "or");
        }
    }
}

/// <summary><c>matches</c> of a pattern that is known.</summary>
internal sealed class MatchesNode(int id, EvalNode text, Re2 pattern) : BoolNode(id)
{
    public override int EvalBool(Frame frame)
    {
        text.Evaluate(frame, out var value);
        if (value.Kind != CelKind.String)
        {
            return Fail(frame, value.IsError ? value : CelValue.Error(EvalErrorKind.NoSuchOverload, Id, "matches"));
        }

        var found = value.TryUtf8(out var utf8) ? pattern.IsMatch(utf8) : pattern.IsMatch(value.String);
        return found ? True : False;
    }
}

/// <summary>Values computed once and seen by what follows: <c>cel.bind</c> and blocks. An error among them counts where it is used.</summary>
internal sealed class BindNode(int id, (int Slot, EvalNode Value)[] bindings, EvalNode body) : EvalNode(id)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        foreach (var (slot, value) in bindings)
        {
            value.Evaluate(frame, out frame.Slots[slot]);
        }

        body.Evaluate(frame, out result);
    }
}
