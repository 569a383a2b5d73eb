namespace Capstan.Cel;

/// <summary>How an evaluation came out. Immutable.</summary>
/// <param name="Value">The value, or an error as a value: see <see cref="CelValue.IsError"/>.</param>
/// <param name="Cost">What it cost in cel-go's units, with an error too.</param>
public readonly record struct CelEvaluation(CelValue Value, ulong Cost)
{
    /// <summary>Whether there is no value but an error.</summary>
    public bool IsError => Value.IsError;
}
