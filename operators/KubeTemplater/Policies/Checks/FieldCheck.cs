using KubeTemplater.Resources;

namespace KubeTemplater.Policies.Checks;

/// <summary>One compiled check of a rule. Immutable and thread-safe.</summary>
/// <param name="said">As the policy has it.</param>
internal abstract class FieldCheck(FieldValidation said)
{
    /// <summary>What is wrong with the object, as one sentence; null when nothing is. No value of the object is in it, for it may be a secret.</summary>
    public string? Violation(CheckInput input) => Fault(input) is { } fault
        ? $"fieldValidation ({said.Name}): {(string.IsNullOrEmpty(said.Message) ? fault : said.Message)}"
        : null;

    /// <summary>Compiles a check.</summary>
    /// <exception cref="CheckFault">It cannot be compiled.</exception>
    public static FieldCheck Compile(FieldValidation said) => said.Type switch
    {
        "cel" => CelCheck.Compile(said),
        "regex" => new RegexCheck(said),
        "range" => new RangeCheck(said),
        "required" => new RequiredCheck(said),
        "forbidden" => new ForbiddenCheck(said),
        _ => throw new CheckFault("type", $"'{said.Type}' is unknown: there are cel, regex, range, required and forbidden"),
    };

    /// <summary>The check's own words for what is wrong; null when nothing is.</summary>
    protected abstract string? Fault(CheckInput input);

    /// <summary>The path of the check.</summary>
    /// <exception cref="CheckFault">There is none, or it cannot be read.</exception>
    protected static FieldPath PathOf(FieldValidation said)
    {
        if (string.IsNullOrEmpty(said.FieldPath))
        {
            throw new CheckFault("fieldPath", $"is missing, and type {said.Type} needs one");
        }

        try
        {
            return FieldPath.Parse(said.FieldPath);
        }
        catch (FormatException e)
        {
            throw new CheckFault("fieldPath", e.Message);
        }
    }
}

/// <summary>Why a check of a policy cannot be compiled.</summary>
/// <param name="field">Field of the check, for example <c>regex</c>.</param>
/// <param name="what">What is wrong with it.</param>
internal sealed class CheckFault(string field, string what) : Exception($"{field}: {what}")
{
    /// <summary>Field of the check.</summary>
    public string Field { get; } = field;

    /// <summary>What is wrong with it.</summary>
    public string What { get; } = what;
}
