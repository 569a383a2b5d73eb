using System.Runtime.InteropServices;
using System.Text.Json;
using Capstan.Cel.Regex;
using KubeTemplater.Resources;

namespace KubeTemplater.Policies.Checks;

/// <summary><c>regex</c>: an RE2 pattern found anywhere in a text, in time linear in it. An absent field fails.</summary>
internal sealed class RegexCheck : FieldCheck
{
    // A million of CEL's units is a tenth of a second.
    private const int InstructionsPerUnit = 32;

    private readonly FieldPath _path;
    private readonly Re2 _pattern;
    private readonly string _noMatch;

    public RegexCheck(FieldValidation said)
        : base(said)
    {
        if (string.IsNullOrEmpty(said.Regex))
        {
            throw new CheckFault("regex", "is missing, and type regex needs one");
        }

        try
        {
            (_path, _pattern, _noMatch) = (PathOf(said), Re2.Compile(said.Regex), $"does not match {said.Regex}");
        }
        catch (Re2SyntaxException e)
        {
            throw new CheckFault("regex", $"{e.Message}, at character {e.Position + 1}");
        }
    }

    /// <inheritdoc/>
    protected override string? Fault(CheckInput input) => _path.FirstFault(input, FaultOf);

    private string? FaultOf(JsonElement? value, CheckInput input) => value switch
    {
        null => "is not found",
        { ValueKind: JsonValueKind.String } text => Search(JsonMarshal.GetRawUtf8Value(text)[1..^1], text, input),
        _ => "is no text",
    };

    private string? Search(ReadOnlySpan<byte> raw, JsonElement text, CheckInput input)
    {
        // At worst a search takes each instruction at each character; most take a thousandth of it.
        if (!input.Budget.TrySpend(raw.Length * (long)_pattern.ProgramSize / InstructionsPerUnit))
        {
            return "is not searched: with this pattern, the checks of this policy would take longer than one template may";
        }

        return (raw.Contains((byte)'\\') ? _pattern.IsMatch(text.GetString()!) : _pattern.IsMatch(raw)) ? null : _noMatch;
    }
}
