namespace Capstan.Cel.Evaluation;

/// <summary><c>map</c>, <c>filter</c> and <c>transformList</c>.</summary>
internal sealed class TransformListNode(int id, EvalNode range, int slot, int secondSlot, EvalNode? filter, EvalNode transform)
    : LoopNode<TransformListNode.State>(id, range, slot, secondSlot)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        var state = new State { Items = [] };
        result = Run(frame, ref state);
        if (!result.IsError)
        {
            result = state.Error.IsError ? state.Error : CelValue.Of(CelList.Of(state.Items, state.Count));
        }
    }

    protected override bool Step(Frame frame, ref State state)
    {
        if (filter is not null)
        {
            var keep = filter.EvalBool(frame);
            if (keep != True)
            {
                state.Error = keep == Failed ? frame.Error : default;
                return keep == False;
            }
        }

        transform.Evaluate(frame, out var value);
        if (value.IsError)
        {
            state.Error = value;
            return false;
        }

        if (state.Count == state.Items.Length)
        {
            Array.Resize(ref state.Items, Math.Max(4, state.Count * 2));
        }

        state.Items[state.Count++] = value;
        return true;
    }

    internal struct State
    {
        public CelValue[] Items;
        public int Count;
        public CelValue Error;
    }
}

/// <summary><c>transformMap</c>, with a key, and <c>transformMapEntry</c>, without: the value is then a map of entries.</summary>
internal sealed class TransformMapNode(int id, EvalNode range, int slot, int secondSlot, EvalNode? filter, EvalNode? key, EvalNode value)
    : LoopNode<TransformMapNode.State>(id, range, slot, secondSlot)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        var state = new State { Entries = new MapBuilder(4) };
        result = Run(frame, ref state);
        if (!result.IsError)
        {
            result = state.Error.IsError ? state.Error : CelValue.Of(state.Entries.Build());
        }
    }

    protected override bool Step(Frame frame, ref State state)
    {
        if (filter is not null)
        {
            var keep = filter.EvalBool(frame);
            if (keep != True)
            {
                state.Error = keep == Failed ? frame.Error : default;
                return keep == False;
            }
        }

        value.Evaluate(frame, out var item);
        if (item.IsError)
        {
            state.Error = item;
            return false;
        }

        if (key is not null)
        {
            key.Evaluate(frame, out var at);
            return Add(ref state, at, item);
        }

        if (item.Kind != CelKind.Map)
        {
            state.Error = CelValue.Error(EvalErrorKind.NoSuchOverload, Id, "transformMapEntry");
            return false;
        }

        var map = item.Map;
        for (var i = 0; i < map.Count; i++)
        {
            var (entryKey, entryValue) = map.Entry(i);
            if (!Add(ref state, entryKey, entryValue))
            {
                return false;
            }
        }

        return true;
    }

    private bool Add(ref State state, in CelValue at, in CelValue item)
    {
        if (at.IsError)
        {
            state.Error = at;
            return false;
        }

        if (!state.Entries.TryAdd(at, item))
        {
            state.Error = CelValue.Error(EvalErrorKind.DuplicateKey, Id, at.ToString());
            return false;
        }

        return true;
    }

    internal struct State
    {
        public MapBuilder Entries;
        public CelValue Error;
    }
}
