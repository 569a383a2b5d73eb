using Capstan.Cel.Costs;

namespace Capstan.Cel.Evaluation;

/// <summary>
/// <c>map</c>, <c>filter</c> and <c>transformList</c>. As in cel-go it goes over all elements even after an error. Each element that is taken costs
/// the accumulator, a list of the element and the addition of both; at the end the accumulator.
/// </summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="range">What it goes over.</param>
/// <param name="slot">The first variable.</param>
/// <param name="secondSlot">The second, if any.</param>
/// <param name="filter">What an element must meet, if anything.</param>
/// <param name="transform">What is made of it.</param>
/// <param name="itemCost">What the list of one element costs: nothing where it is constant.</param>
/// <param name="startCost">What the empty list costs.</param>
internal sealed class TransformListNode(
    int id, EvalNode range, int slot, int secondSlot, EvalNode? filter, EvalNode transform, ulong itemCost, ulong startCost)
    : LoopNode<TransformListNode.State>(id, range, slot, secondSlot)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        var state = new State { Items = [] };
        result = Run(frame, ref state);
        if (!result.IsError)
        {
            frame.Charge(startCost + CostFactors.CallCost);
            result = state.Error.IsError ? state.Error : CelValue.Of(CelList.Of(state.Items, state.Count));
        }
    }

    protected override bool Step(Frame frame, ref State state)
    {
        if (!Takes(filter, frame, ref state.Error))
        {
            return true;
        }

        frame.Charge(CostFactors.CallCost);
        transform.Evaluate(frame, out var value);
        frame.Charge(itemCost + CostFactors.CallCost);
        if (state.Error.IsError)
        {
            return true;
        }

        if (value.IsError)
        {
            state.Error = value;
            return true;
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

/// <summary>
/// <c>transformMap</c>, with a key, and <c>transformMapEntry</c>, without: the value is then a map of entries. Costs the accumulator and a call for
/// each element that is taken; with a key not more than the accumulator once there was an error, since cel-go stops there at the first argument.
/// </summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="range">What it goes over.</param>
/// <param name="slot">The first variable.</param>
/// <param name="secondSlot">The second.</param>
/// <param name="filter">What an entry must meet, if anything.</param>
/// <param name="key">The key.</param>
/// <param name="value">The value, or the map of entries.</param>
/// <param name="startCost">What the empty map costs.</param>
internal sealed class TransformMapNode(
    int id, EvalNode range, int slot, int secondSlot, EvalNode? filter, EvalNode? key, EvalNode value, ulong startCost)
    : LoopNode<TransformMapNode.State>(id, range, slot, secondSlot)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        var state = new State { Entries = new MapBuilder(4) };
        result = Run(frame, ref state);
        if (!result.IsError)
        {
            frame.Charge(startCost + CostFactors.CallCost);
            result = state.Error.IsError ? state.Error : CelValue.Of(state.Entries.Build());
        }
    }

    protected override bool Step(Frame frame, ref State state)
    {
        if (!Takes(filter, frame, ref state.Error))
        {
            return true;
        }

        frame.Charge(CostFactors.CallCost);
        if (key is null)
        {
            AddEntries(frame, ref state);
        }
        else if (!state.Error.IsError)
        {
            key.Evaluate(frame, out var at);
            value.Evaluate(frame, out var item);
            frame.Charge(CostFactors.CallCost);
            Add(ref state, at, item);
        }

        return true;
    }

    private void AddEntries(Frame frame, ref State state)
    {
        value.Evaluate(frame, out var entries);
        frame.Charge(CostFactors.CallCost);
        if (state.Error.IsError)
        {
            return;
        }

        if (entries.Kind != CelKind.Map)
        {
            state.Error = entries.IsError ? entries : CelValue.Error(EvalErrorKind.NoSuchOverload, Id, "transformMapEntry");
            return;
        }

        var map = entries.Map;
        if (!frame.Work(entries.Weight))
        {
            return;
        }

        for (var i = 0; i < map.Count && !state.Error.IsError; i++)
        {
            var (entryKey, entryValue) = map.Entry(i);
            Add(ref state, entryKey, entryValue);
        }
    }

    private void Add(ref State state, in CelValue at, in CelValue item)
    {
        if (at.IsError || item.IsError)
        {
            state.Error = at.IsError ? at : item;
        }
        else if (!state.Entries.TryAdd(at, item))
        {
            state.Error = CelValue.Error(EvalErrorKind.DuplicateKey, Id, at.ToString());
        }
    }

    internal struct State
    {
        public MapBuilder Entries;
        public CelValue Error;
    }
}
