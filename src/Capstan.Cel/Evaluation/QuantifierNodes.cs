namespace Capstan.Cel.Evaluation;

/// <summary><c>all</c> and <c>exists</c>: the first bool that decides ends it, and absorbs the errors before.</summary>
internal sealed class QuantifierNode(int id, EvalNode range, int slot, int secondSlot, EvalNode predicate, bool deciding)
    : LoopNode<QuantifierNode.State>(id, range, slot, secondSlot)
{
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
        var value = predicate.EvalBool(frame);
        if (value == Failed)
        {
            state.Error = state.Error.IsError ? state.Error : frame.Error;
            return true;
        }

        state.Decided = value == True == deciding;
        return !state.Decided;
    }

    internal struct State
    {
        public bool Decided;
        public CelValue Error;
    }
}

/// <summary><c>exists_one</c>: absorbs nothing, so it goes over all elements.</summary>
internal sealed class ExistsOneNode(int id, EvalNode range, int slot, int secondSlot, EvalNode predicate)
    : LoopNode<ExistsOneNode.State>(id, range, slot, secondSlot)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        var state = new State();
        result = Run(frame, ref state);
        if (!result.IsError)
        {
            result = state.Error.IsError ? state.Error : CelValue.Of(state.Count == 1);
        }
    }

    protected override bool Step(Frame frame, ref State state)
    {
        var value = predicate.EvalBool(frame);
        if (value == Failed)
        {
            state.Error = frame.Error;
            return false;
        }

        state.Count += value;
        return true;
    }

    internal struct State
    {
        public int Count;
        public CelValue Error;
    }
}
