using System.Collections.Immutable;

namespace Capstan.Cel.Checking;

/// <summary>What the checker asks beyond the language, and its bounds. Immutable.</summary>
internal sealed record CheckOptions
{
    /// <summary>
    /// Whether elements of a list literal, and keys and values of a map literal, must have one type, as in Kubernetes; those that are formatted
    /// need not. Default: they may differ, and are dyn then.
    /// </summary>
    public bool HomogeneousLiterals { get; init; }

    /// <summary>Whether literal timestamps, durations, patterns and formats are tried, as in Kubernetes. Default: they fail when evaluated.</summary>
    public bool LiteralArguments { get; init; }

    /// <summary>
    /// Whether conversions of literals, and patterns that are literals, are issues when they fail, as in Kubernetes, which evaluates them when it
    /// compiles. Default: they fail when evaluated.
    /// </summary>
    public bool ConstantCalls { get; init; }

    /// <summary>Whether literals matter at all.</summary>
    public bool ChecksLiterals => HomogeneousLiterals || LiteralArguments || ConstantCalls;

    /// <summary>The overloads whose second argument, the receiver counted, is a pattern.</summary>
    public ImmutableHashSet<string> PatternOverloads { get; init; } = ImmutableHashSet.Create(StringComparer.Ordinal, "matches", "matches_string");

    /// <summary>Most errors reported. Default 100.</summary>
    public int MaxErrors { get; init; } = 100;

    /// <summary>
    /// Most steps of comparing types. Default 2,000,000, about a tenth of a second; expressions that people write need thousands, even
    /// the longest less than a million.
    /// </summary>
    public int MaxWork { get; init; } = 2_000_000;
}
