namespace Capstan.Cel;

/// <summary>What an evaluation can cost, in cel-go's units.</summary>
/// <param name="Min">At least.</param>
/// <param name="Max">At most; <see cref="ulong.MaxValue"/> when nothing bounds it.</param>
public readonly record struct CelCostEstimate(ulong Min, ulong Max);
