namespace Capstan.Cel.Evaluation;

/// <summary>A value or none. Immutable.</summary>
internal sealed class CelOptional
{
    private CelOptional(bool hasValue, CelValue value)
    {
        HasValue = hasValue;
        Value = value;
    }

    public static CelOptional None { get; } = new(false, default);

    public bool HasValue { get; }

    public CelValue Value { get; }

    public static CelOptional Of(CelValue value) => new(true, value);
}
