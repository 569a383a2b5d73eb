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
        ref readonly var variable = ref frame.Slots[slot];
        if (variable.Kind != CelKind.Map || !variable.IsJson)
        {
            ordinary.Evaluate(frame, out result);
            return;
        }

        var document = variable.Document;
        var node = variable.Node;
        for (var i = 0; i < steps.Length; i++)
        {
            if (document.Kind(node) != TapeKind.Object)
            {
                ordinary.Evaluate(frame, out result);
                return;
            }

            var step = steps[i];
            if (!document.TryGet(node, step.Name, out node))
            {
                frame.Charge((ulong)i + 1 + surcharge);
                result = CelValue.Error(EvalErrorKind.NoSuchKey, step.Id, step.Name.Text);
                return;
            }
        }

        frame.Charge(_cost);
        result = CelValue.Of(document, node);
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
