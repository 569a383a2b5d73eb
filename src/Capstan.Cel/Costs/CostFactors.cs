namespace Capstan.Cel.Costs;

/// <summary>cel-go's units of cost, which estimates before and counts at evaluation share. A change here changes which rules a cluster accepts.</summary>
internal static class CostFactors
{
    /// <summary>Of a name or a selection.</summary>
    public const ulong SelectAndIdentCost = 1;

    public const ulong ConstCost = 0;

    /// <summary>Of a call of which nothing else is known.</summary>
    public const ulong CallCost = 1;

    /// <summary>Of making a list, its elements apart.</summary>
    public const ulong ListCreateBaseCost = 10;

    /// <summary>Of making a map, its entries apart.</summary>
    public const ulong MapCreateBaseCost = 30;

    /// <summary>Of making a message, its fields apart.</summary>
    public const ulong StructCreateBaseCost = 40;

    /// <summary>Of going over a string once, by its length.</summary>
    public const double StringTraversalCostFactor = 0.1;

    /// <summary>Of a pattern, by its length, for each unit of the string that it is tried on.</summary>
    public const double RegexStringLengthCostFactor = 0.25;
}
