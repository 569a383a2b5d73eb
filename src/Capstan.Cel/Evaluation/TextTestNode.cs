using System.Text;
using Capstan.Cel.Costs;

namespace Capstan.Cel.Evaluation;

/// <summary>
/// <c>startsWith</c>, <c>endsWith</c> and <c>contains</c> with a text that is known: a string of a document is looked at where it lies, all else is
/// left to the function.
/// </summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="name">The function's name.</param>
/// <param name="function">The function.</param>
/// <param name="text">The receiver.</param>
/// <param name="part">What is looked for.</param>
/// <param name="cost">What the call costs.</param>
internal sealed class TextTestNode(int id, string name, CelFunction function, EvalNode text, ConstantNode part, CallCost cost)
    : CallNode(id, function, [text, part], cost, stopsAtError: false)
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(part.Value.String);
    private readonly CelValue _part = part.Value;
    private readonly char _test = name[0];

    /// <summary>Whether it is one of the functions, as far as is known.</summary>
    public static bool Fits(string function, string overload) => function switch
    {
        "startsWith" => overload is "" or "starts_with_string",
        "endsWith" => overload is "" or "ends_with_string",
        "contains" => overload is "" or "contains_string",
        _ => false,
    };

    public override void Evaluate(Frame frame, out CelValue result)
    {
        if (text.TryLocate(frame, out var document, out var node, out var value))
        {
            value = CelValue.Of(document, node);
        }

        if (value.Kind != CelKind.String || !value.TryUtf8(out var utf8))
        {
            Complete(frame, [value, _part], out result);
            return;
        }

        frame.Charge(Cost.Before([value, _part]));
        frame.Work(ValueWeight.Of(value));
        result = frame.IsAborted ? frame.Abort : CelValue.Of(_test switch
        {
            's' => utf8.StartsWith(_utf8),
            'e' => utf8.EndsWith(_utf8),
            _ => utf8.IndexOf(_utf8) >= 0,
        });
    }
}
