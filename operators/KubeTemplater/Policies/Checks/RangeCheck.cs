using System.Text.Json;
using KubeTemplater.Resources;

namespace KubeTemplater.Policies.Checks;

/// <summary><c>range</c>: a whole number between two bounds, both inclusive, of which one may be missing. An absent field fails.</summary>
internal sealed class RangeCheck : FieldCheck
{
    private readonly FieldPath _path;
    private readonly long _min;
    private readonly long _max;

    public RangeCheck(FieldValidation said)
        : base(said)
    {
        if (said.Min is null && said.Max is null)
        {
            throw new CheckFault("min", "type range needs min or max");
        }

        (_path, _min, _max) = (PathOf(said), said.Min ?? long.MinValue, said.Max ?? long.MaxValue);
        if (_min > _max)
        {
            throw new CheckFault("max", $"{_max} is below min {_min}, so that nothing passes");
        }
    }

    /// <inheritdoc/>
    protected override string? Fault(CheckInput input) => FirstFault(_path, input.Json, value => value switch
    {
        null => "is not found",
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var whole) =>
            whole < _min ? $"is below the minimum {_min}" : whole > _max ? $"is above the maximum {_max}" : null,
        _ => "is no whole number",
    });
}
