using Capstan.Cel.Costs;
using Capstan.Cel.Documents;

namespace Capstan.Cel.Evaluation;

/// <summary><c>in</c>: an element of a list or a key of a map.</summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="item">What is looked for.</param>
/// <param name="container">Where.</param>
/// <param name="isOfList">Whether the checker knows that it is a list: the cost is then its size.</param>
internal sealed class InNode(int id, EvalNode item, EvalNode container, bool isOfList) : BoolNode(id)
{
    private readonly FieldName? _name = item is ConstantNode { Value: { Kind: CelKind.String } name, Cost: 0 } && !isOfList ? new(name.String) : null;

    public override int EvalBool(Frame frame)
    {
        item.Evaluate(frame, out var value);
        if (container.TryLocate(frame, out var document, out var node, out var all))
        {
            if (_name is not null && document.Kind(node) == TapeKind.Object)
            {
                frame.Charge(CostFactors.CallCost);
                return document.TryGet(node, _name, out _) ? True : False;
            }

            all = CelValue.Of(document, node);
        }

        frame.Charge(isOfList ? ValueSize.Of(all) : CostFactors.CallCost);
        if (value.IsError || all.IsError)
        {
            return Fail(frame, value.IsError ? value : all);
        }

        // What is gone over without being charged: all elements when the type is not known, what is in them when lists are compared.
        var isDeep = value.Kind is CelKind.List or CelKind.Map or CelKind.Optional;
        if ((isDeep || (all.Kind == CelKind.List && !isOfList)) && !frame.Work(ValueWeight.Of(all)))
        {
            return Fail(frame, frame.Abort);
        }

        return all.Kind switch
        {
            CelKind.List when all.IsJson => Contains(all, value) ? True : False,
            CelKind.List => Find(frame, all.List, value),
            CelKind.Map => !Access.TryGet(all, value, out var found) ? False : found.IsError ? Fail(frame, found) : True,
            _ => Fail(frame, CelValue.Error(EvalErrorKind.NoSuchOverload, Id, "_in_")),
        };
    }

    // An element that is an error may be the one: it counts where no other is.
    private int Find(Frame frame, CelList list, in CelValue value)
    {
        var error = default(CelValue);
        var count = list.Count;
        for (var i = 0; i < count; i++)
        {
            var element = list[i];
            if (element.IsError)
            {
                error = error.IsError ? error : element;
            }
            else if (CelEquality.Equal(element, value))
            {
                return True;
            }
        }

        return error.IsError ? Fail(frame, error) : False;
    }

    private static bool Contains(in CelValue all, in CelValue value)
    {
        var document = all.Document;
        for (int at = all.Node + 1, end = document.After(all.Node); at < end; at = document.After(at))
        {
            if (CelEquality.Equal(CelValue.Of(document, at), value))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary><c>in</c> of a list of scalars that is known, and not empty. cel-go looks it up in a set and charges nothing.</summary>
internal sealed class InConstantNode(int id, EvalNode item, CelList list) : BoolNode(id)
{
    private const int Few = 16;
    private readonly HashSet<CelValue>? _set = list.Count > Few ? new(list.ToArray(), KeyComparer.Instance) : null;

    /// <summary>Whether cel-go makes a set of it.</summary>
    public static bool Fits(CelList list) => Array.TrueForAll(
        list.ToArray(), i => i.Kind is CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.Double or CelKind.String);

    public override int EvalBool(Frame frame)
    {
        item.Evaluate(frame, out var value);
        return value.IsError ? Fail(frame, value)
            : value.Kind is CelKind.List or CelKind.Map or CelKind.Optional ? False
            : (_set is null ? CelEquality.Contains(list, value) : _set.Contains(value)) ? True : False;
    }
}
