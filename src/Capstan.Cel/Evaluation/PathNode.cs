using System.Text;
using System.Text.Json;

namespace Capstan.Cel.Evaluation;

/// <summary><c>variable.a.b</c> in one walk of a document. What is not all JSON objects is left to the nodes of each field.</summary>
internal sealed class PathNode(int id, int slot, PathNode.Step[] steps, EvalNode ordinary) : EvalNode(id)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        ref readonly var variable = ref frame.Slots[slot];
        if (variable.Kind != CelKind.Map || !variable.IsJson)
        {
            ordinary.Evaluate(frame, out result);
            return;
        }

        var element = variable.Json;
        foreach (var step in steps)
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                ordinary.Evaluate(frame, out result);
                return;
            }

            if (!JsonText.TryGet(element, step.Utf8, out element))
            {
                result = CelValue.Error(EvalErrorKind.NoSuchKey, step.Id, step.Field);
                return;
            }
        }

        result = CelValue.Of(element);
    }

    /// <summary>The path of a field of this one.</summary>
    public PathNode Then(int fieldId, string field, EvalNode select) => new(fieldId, slot, [.. steps, new Step(fieldId, field)], select);

    /// <summary>One field of the path.</summary>
    internal sealed class Step(int id, string field)
    {
        public int Id { get; } = id;

        public string Field { get; } = field;

        public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(field);
    }
}
