namespace Capstan.Cel.Costs;

/// <summary>The least and the greatest size of a value: characters of a string, bytes, elements of a list, entries of a map. Arithmetic saturates.</summary>
internal readonly record struct SizeInterval(ulong Min, ulong Max)
{
    /// <summary>Any size.</summary>
    public static SizeInterval Unknown => new(0, ulong.MaxValue);

    /// <summary>Of a union with nothing in it yet.</summary>
    public static SizeInterval Nothing => new(ulong.MaxValue, 0);

    public static SizeInterval Exactly(ulong size) => new(size, size);

    public static SizeInterval operator +(SizeInterval left, SizeInterval right) =>
        new(Saturating.Add(left.Min, right.Min), Saturating.Add(left.Max, right.Max));

    public static SizeInterval operator *(SizeInterval left, SizeInterval right) =>
        new(Saturating.Multiply(left.Min, right.Min), Saturating.Multiply(left.Max, right.Max));

    /// <summary>What something of this cost costs when it is done once for each unit of the size.</summary>
    public static CostInterval operator *(SizeInterval size, CostInterval each) =>
        new(Saturating.Multiply(size.Min, each.Min), Saturating.Multiply(size.Max, each.Max));

    /// <summary>A cost of so much for each unit, rounded up.</summary>
    public CostInterval CostOf(double each) => new(Saturating.Scale(Min, each), Saturating.Scale(Max, each));

    /// <summary>What holds both.</summary>
    public SizeInterval Union(SizeInterval other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));
}
