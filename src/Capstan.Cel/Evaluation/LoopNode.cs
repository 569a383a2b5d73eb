using Capstan.Cel.Documents;

namespace Capstan.Cel.Evaluation;

/// <summary>A comprehension: goes over a list or a map and binds its variables to each element.</summary>
internal abstract class LoopNode<T>(int id, EvalNode range, int slot, int secondSlot) : EvalNode(id)
{
    /// <summary>No slot.</summary>
    public const int None = -1;

    /// <summary>One iteration; false: stop.</summary>
    protected abstract bool Step(Frame frame, ref T state);

    /// <summary>Whether an element is wanted; a filter that fails takes none, and says why.</summary>
    protected static bool Takes(EvalNode? filter, Frame frame, ref CelValue error)
    {
        var keep = filter?.EvalBool(frame) ?? True;
        if (keep == Failed)
        {
            error = frame.Error;
        }

        return keep == True;
    }

    /// <summary>Runs all iterations; an error of the range or of being given up, else no value.</summary>
    protected CelValue Run(Frame frame, ref T state)
    {
        if (range.TryLocate(frame, out var document, out var node, out var all))
        {
            switch (document.Kind(node))
            {
                case TapeKind.Array:
                    RunArray(frame, document, node, ref state);
                    return frame.Abort;
                case TapeKind.Object when !document.HasDuplicates(node):
                    RunObject(frame, document, node, ref state);
                    return frame.Abort;
                default:
                    all = CelValue.Of(document, node);
                    break;
            }
        }

        switch (all.Kind)
        {
            case CelKind.List:
                var list = all.List;
                var count = list.Count;
                for (var i = 0; i < count && Bind(frame, CelValue.Of((long)i), list[i], isMap: false) && Step(frame, ref state); i++)
                {
                }

                break;
            case CelKind.Map:
                var map = all.Map;
                for (var i = 0; i < map.Count; i++)
                {
                    var (key, value) = map.Entry(i);
                    if (!Bind(frame, key, value, isMap: true) || !Step(frame, ref state))
                    {
                        break;
                    }
                }

                break;
            default:
                return all.IsError ? all : CelValue.Error(EvalErrorKind.NoSuchOverload, Id, "comprehension");
        }

        return frame.Abort;
    }

    private void RunArray(Frame frame, CelDocument document, int array, ref T state)
    {
        var slots = frame.Slots;
        var position = 0L;
        for (int at = array + 1, end = document.After(array); at < end; at = document.After(at))
        {
            if (secondSlot < 0)
            {
                slots[slot] = CelValue.Of(document, at);
            }
            else
            {
                slots[slot] = CelValue.Of(position++);
                slots[secondSlot] = CelValue.Of(document, at);
            }

            if (!frame.Step() || !Step(frame, ref state))
            {
                return;
            }
        }
    }

    private void RunObject(Frame frame, CelDocument document, int container, ref T state)
    {
        for (int name = container + 1, end = document.After(container); name < end; name = document.After(name + 1))
        {
            if (!Bind(frame, CelValue.Of(document, name), CelValue.Of(document, name + 1), isMap: true) || !Step(frame, ref state))
            {
                return;
            }
        }
    }

    private bool Bind(Frame frame, in CelValue key, in CelValue value, bool isMap)
    {
        if (secondSlot >= 0)
        {
            frame.Slots[slot] = key;
            frame.Slots[secondSlot] = value;
        }
        else
        {
            frame.Slots[slot] = isMap ? key : value;
        }

        return frame.Step();
    }
}
