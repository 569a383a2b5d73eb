namespace Capstan.Cel.Costs;

/// <summary>The least and the greatest cost of something. Arithmetic saturates.</summary>
internal readonly record struct CostInterval(ulong Min, ulong Max)
{
    public static CostInterval Zero => default;

    public static CostInterval Exactly(ulong cost) => new(cost, cost);

    public static CostInterval operator +(CostInterval left, CostInterval right) =>
        new(Saturating.Add(left.Min, right.Min), Saturating.Add(left.Max, right.Max));

    public static CostInterval operator *(CostInterval left, CostInterval right) =>
        new(Saturating.Multiply(left.Min, right.Min), Saturating.Multiply(left.Max, right.Max));

    /// <summary>Times a factor, rounded up.</summary>
    public CostInterval Scale(double factor) => new(Saturating.Scale(Min, factor), Saturating.Scale(Max, factor));

    /// <summary>What holds both.</summary>
    public CostInterval Union(CostInterval other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));
}
