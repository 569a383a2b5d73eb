namespace Capstan.Cel;

/// <summary>When an evaluation is given up. The default is never.</summary>
public readonly record struct CelLimits
{
    /// <summary>The cost, in cel-go's units, above which there is no value but an error. Default none.</summary>
    public ulong? Cost { get; init; }

    /// <summary>Looked at every 100 iterations of comprehensions.</summary>
    public CancellationToken Cancellation { get; init; }
}
