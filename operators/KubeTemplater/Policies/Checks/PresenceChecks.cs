using System.Text.Json;
using KubeTemplater.Resources;

namespace KubeTemplater.Policies.Checks;

/// <summary><c>required</c>: absent, null and empty text fail; 0, false, {} and [] pass. With <c>[*]</c> each item must have it, and no item is no fault.</summary>
internal sealed class RequiredCheck(FieldValidation said) : FieldCheck(said)
{
    private readonly FieldPath _path = PathOf(said);

    /// <inheritdoc/>
    protected override string? Fault(CheckInput input) => _path.FirstFault(input, static (value, _) =>
        value is null or { ValueKind: JsonValueKind.Null } || (value is { ValueKind: JsonValueKind.String } text && text.ValueEquals(""u8)) ? "is required" : null);
}

/// <summary><c>forbidden</c>: fails when the field is there, even as null.</summary>
internal sealed class ForbiddenCheck(FieldValidation said) : FieldCheck(said)
{
    private readonly FieldPath _path = PathOf(said);

    /// <inheritdoc/>
    protected override string? Fault(CheckInput input) => _path.FirstFault(input, static (value, _) => value is null ? null : "is forbidden");
}
