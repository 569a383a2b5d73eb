namespace Capstan.Cel;

/// <summary>A value or none. Immutable.</summary>
public sealed class CelOptional
{
    private CelOptional(bool hasValue, CelValue value)
    {
        HasValue = hasValue;
        Value = value;
    }

    /// <summary>No value.</summary>
    public static CelOptional None { get; } = new(false, default);

    /// <summary>Whether there is a value.</summary>
    public bool HasValue { get; }

    /// <summary>The value, meaningless where there is none.</summary>
    public CelValue Value { get; }

    /// <summary>A value.</summary>
    public static CelOptional Of(CelValue value) => new(true, value);
}
