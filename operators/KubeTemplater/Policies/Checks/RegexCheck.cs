using System.Text.Json;
using Capstan.Cel.Regex;
using KubeTemplater.Resources;

namespace KubeTemplater.Policies.Checks;

/// <summary><c>regex</c>: an RE2 pattern found anywhere in a text, in time linear in it. An absent field fails.</summary>
internal sealed class RegexCheck : FieldCheck
{
    private readonly FieldPath _path;
    private readonly Re2 _pattern;

    public RegexCheck(FieldValidation said)
        : base(said)
    {
        if (string.IsNullOrEmpty(said.Regex))
        {
            throw new CheckFault("regex", "is missing, and type regex needs one");
        }

        try
        {
            (_path, _pattern) = (PathOf(said), Re2.Compile(said.Regex));
        }
        catch (Re2SyntaxException e)
        {
            throw new CheckFault("regex", e.Message);
        }
    }

    /// <inheritdoc/>
    protected override string? Fault(CheckInput input) => FirstFault(_path, input.Json, value => value switch
    {
        null => "is not found",
        { ValueKind: JsonValueKind.String } text => _pattern.IsMatch(text.GetString()!) ? null : $"does not match {_pattern.Pattern}",
        _ => "is no text",
    });
}
