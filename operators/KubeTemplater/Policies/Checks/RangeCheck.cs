using System.Text.Json;
using KubeTemplater.Resources;

namespace KubeTemplater.Policies.Checks;

/// <summary><c>range</c>: a whole number between two bounds, both inclusive, of which one may be missing. An absent field fails.</summary>
internal sealed class RangeCheck : FieldCheck
{
    private readonly FieldPath _path;
    private readonly long _min;
    private readonly long _max;
    private readonly string _tooSmall;
    private readonly string _tooLarge;

    public RangeCheck(FieldValidation said)
        : base(said)
    {
        if (said.Min is null && said.Max is null)
        {
            throw new CheckFault("min", "type range needs min or max");
        }

        (_path, _min, _max) = (PathOf(said), said.Min ?? long.MinValue, said.Max ?? long.MaxValue);
        (_tooSmall, _tooLarge) = ($"is below the minimum {_min}", $"is above the maximum {_max}");
        if (_min > _max)
        {
            throw new CheckFault("max", $"{_max} is below min {_min}, so that nothing passes");
        }
    }

    /// <inheritdoc/>
    protected override string? Fault(CheckInput input) => _path.FirstFault(input, FaultOf);

    private string? FaultOf(JsonElement? value, CheckInput input) => value switch
    {
        null => "is not found",
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var whole) => whole < _min ? _tooSmall : whole > _max ? _tooLarge : null,
        _ => "is no whole number",
    };
}
