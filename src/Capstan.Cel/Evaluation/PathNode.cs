using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Capstan.Cel.Documents;

namespace Capstan.Cel.Evaluation;

/// <summary><c>variable.a.b</c> in one walk of a document. What is not all JSON objects is left to the nodes of each field.</summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="slot">Where the variable lies.</param>
/// <param name="steps">The fields.</param>
/// <param name="ordinary">The same by a node for each field.</param>
/// <param name="surcharge">See <see cref="SelectNode"/>.</param>
internal sealed class PathNode(int id, int slot, PathNode.Step[] steps, EvalNode ordinary, ulong surcharge) : EvalNode(id)
{
    private readonly ulong _cost = (ulong)steps.Length + surcharge;

    public override void Evaluate(Frame frame, out CelValue result)
    {
        if (TryLocate(frame, out var document, out var node, out result))
        {
            result = CelValue.Of(document, node);
        }
    }

    public override int EvalBool(Frame frame)
    {
        if (!TryLocate(frame, out var document, out var node, out var other))
        {
            return ToBool(frame, other);
        }

        return document.Kind(node) switch
        {
            TapeKind.True => True,
            TapeKind.False => False,
            _ => ToBool(frame, CelValue.Of(document, node)),
        };
    }

    public override bool TryInt(Frame frame, out long value, out CelValue other)
    {
        if (TryLocate(frame, out var document, out var node, out other))
        {
            ref readonly var found = ref document.Node(node);
            if (found.Kind == TapeKind.Int)
            {
                value = found.Number;
                return true;
            }

            other = CelValue.Of(document, node);
        }

        value = other.Int;
        return other.Kind == CelKind.Int;
    }

    public override bool TryLocate(Frame frame, [NotNullWhen(true)] out CelDocument? document, out int node, out CelValue other)
    {
        if (!frame.Slots[slot].TryDocument(out document, out node))
        {
            ordinary.Evaluate(frame, out other);
            return other.TryDocument(out document, out node);
        }

        var path = steps;
        for (var i = 0; i < path.Length; i++)
        {
            if (document.Kind(node) != TapeKind.Object)
            {
                ordinary.Evaluate(frame, out other);
                return other.TryDocument(out document, out node);
            }

            var step = path[i];
            if (!document.TryGet(node, step.Name, out node))
            {
                frame.Charge((ulong)i + 1 + surcharge);
                other = CelValue.Error(EvalErrorKind.NoSuchKey, step.Id, step.Name.Text);
                document = null;
                return false;
            }
        }

        frame.Charge(_cost);
        Unsafe.SkipInit(out other);
        return true;
    }

    /// <summary>What it costs to walk it to the end.</summary>
    public ulong Cost => _cost;

    /// <summary>Whether it begins at the variable of a slot.</summary>
    public bool StartsAt(int variable) => slot == variable;

    /// <summary>The walk where all is as expected, uncharged. False: nothing is known, <see cref="TryLocate"/> has to be asked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWalk(CelDocument document, ref int node)
    {
        foreach (var step in steps)
        {
            if (document.Kind(node) != TapeKind.Object || !document.TryGet(node, step.Name, out node))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The int at the end of the walk, uncharged. False: as of <see cref="TryWalk"/>, or something else is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWalkToInt(CelDocument document, int node, out long value)
    {
        value = 0;
        if (!TryWalk(document, ref node))
        {
            return false;
        }

        ref readonly var found = ref document.Node(node);
        value = found.Number;
        return found.Kind == TapeKind.Int;
    }

    /// <summary>The path of a field of this one.</summary>
    public PathNode Then(int fieldId, string field, EvalNode select, ulong surchargeThen) =>
        new(fieldId, slot, [.. steps, new Step(fieldId, field)], select, surchargeThen);

    /// <summary>One field of the path.</summary>
    internal sealed class Step(int id, string field)
    {
        public int Id { get; } = id;

        public FieldName Name { get; } = new(field);
    }
}
