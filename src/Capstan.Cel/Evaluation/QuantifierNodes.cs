using Capstan.Cel.Costs;

namespace Capstan.Cel.Evaluation;

/// <summary>
/// <c>all</c> and <c>exists</c>: the first bool that decides ends it, and absorbs the errors before. An iteration costs what cel-go's fold does: to
/// look whether it goes on, that is the accumulator and a call, for <c>exists</c> a negation too; then the accumulator and the predicate.
/// </summary>
internal sealed class QuantifierNode(int id, EvalNode range, int slot, int secondSlot, EvalNode predicate, bool deciding)
    : LoopNode<QuantifierNode.State>(id, range, slot, secondSlot)
{
    private readonly ulong _condition = CostFactors.CallCost * (deciding ? 3UL : 2UL);

    public override void Evaluate(Frame frame, out CelValue result)
    {
        var value = EvalBool(frame);
        result = value == Failed ? frame.Error : CelValue.Of(value == True);
    }

    public override int EvalBool(Frame frame)
    {
        var state = new State();
        var error = Run(frame, ref state);
        if (!error.IsError)
        {
            frame.Charge(CostFactors.CallCost);
            if (state.Decided || !state.Error.IsError)
            {
                return state.Decided == deciding ? True : False;
            }

            error = state.Error;
        }

        frame.Error = error;
        return Failed;
    }

    protected override bool Step(Frame frame, ref State state)
    {
        frame.Charge(_condition);
        if (state.Decided)
        {
            return false;
        }

        frame.Charge(CostFactors.CallCost);
        var value = predicate.EvalBool(frame);
        if (value == Failed)
        {
            state.Error = state.Error.IsError ? state.Error : frame.Error;
        }
        else
        {
            state.Decided = value == True == deciding;
        }

        return true;
    }

    internal struct State
    {
        public bool Decided;
        public CelValue Error;
    }
}

/// <summary>
/// <c>exists_one</c>: absorbs nothing, but goes over all elements even after an error. Costs the accumulator and an addition where the predicate
/// holds, and at the end the accumulator and a comparison.
/// </summary>
internal sealed class ExistsOneNode(int id, EvalNode range, int slot, int secondSlot, EvalNode predicate)
    : LoopNode<ExistsOneNode.State>(id, range, slot, secondSlot)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        var state = new State();
        result = Run(frame, ref state);
        if (!result.IsError)
        {
            frame.Charge(2 * CostFactors.CallCost);
            result = state.Error.IsError ? state.Error : CelValue.Of(state.Count == 1);
        }
    }

    protected override bool Step(Frame frame, ref State state)
    {
        switch (predicate.EvalBool(frame))
        {
            case True:
                frame.Charge(2 * CostFactors.CallCost);
                state.Count++;
                break;
            case Failed:
                state.Error = frame.Error;
                break;
        }

        return true;
    }

    internal struct State
    {
        public int Count;
        public CelValue Error;
    }
}
