namespace Capstan.Cel.Checking;

/// <summary>What the checker asks beyond the language, and its bounds. Immutable.</summary>
internal sealed record CheckOptions
{
    /// <summary>
    /// Whether elements of a list literal, and keys and values of a map literal, must have one type, as in Kubernetes: dyn is one, and what is
    /// formatted may be mixed. Default: else they are dyn.
    /// </summary>
    public bool HomogeneousLiterals { get; init; }

    /// <summary>Whether literal timestamps, durations and patterns are tried, as in Kubernetes. Default: they fail when evaluated.</summary>
    public bool LiteralArguments { get; init; }

    /// <summary>Most errors reported. Default 100.</summary>
    public int MaxErrors { get; init; } = 100;

    /// <summary>
    /// Most steps of comparing types. Default 2,000,000, about a tenth of a second; expressions that people write need thousands, even
    /// the longest less than a million.
    /// </summary>
    public int MaxWork { get; init; } = 2_000_000;
}
