namespace Capstan.Cel.Costs;

/// <summary>Costs of the functions of the language, those apart that depend on which arguments are evaluated.</summary>
internal static class StandardCosts
{
    private const double Traversal = CostFactors.StringTraversalCostFactor;

    /// <summary>The size of an operand, or any size.</summary>
    public static SizeInterval SizeOf(CostNode node) => node.Size ?? SizeInterval.Unknown;

    /// <summary>The estimate of any call: most cost the same whatever their operands.</summary>
    public static CallEstimate Estimate(CallToEstimate call) => call switch
    {
        { Overload: "string_format", Target: { } template } => new(SizeOf(template).CostOf(Traversal)),

        // A character is up to four bytes. These sizes overflow and wrap around, as cel-go's do.
        { Overload: "string_to_bytes", Arguments: [var text] } => Traverse(text, size => new(size.Min, size.Max * 4)),
        { Overload: "bytes_to_string", Arguments: [var bytes] } => Traverse(bytes, size => new(size.Min / 4, size.Max)),
        { Overload: "strings_quote", Arguments: [var text] } => Traverse(text, size => new(size.Min + 2, (size.Max * 2) + 2)),
        { Overload: "starts_with_string" or "ends_with_string", Arguments: [var affix] } => new(SizeOf(affix).CostOf(Traversal)),
        { Overload: "in_list", Arguments: [_, var list] } => new(SizeOf(list).CostOf(1)),
        { Overload: "matches_string", Target: { } text, Arguments: [var pattern] } => new(Match(SizeOf(text), SizeOf(pattern))),
        { Overload: "contains_string", Target: { } text, Arguments: [var part] } =>
            new(SizeOf(text).CostOf(Traversal) * SizeOf(part).CostOf(Traversal)),
        { Overload: "add_string" or "add_bytes", Arguments: [var left, var right] } =>
            new(Sum(left, right).CostOf(Traversal), Sum(left, right)),
        { Overload: "add_list", Arguments: [var left, var right] } => new(CostInterval.Exactly(1), Sum(left, right)),
        { Overload: "less_string" or "greater_string" or "less_equals_string" or "greater_equals_string" } or
        { Overload: "less_bytes" or "greater_bytes" or "less_equals_bytes" or "greater_equals_bytes" } or
        { Overload: "equals" or "not_equals" } => new(Compare(SizeOf(call.Arguments[0]), SizeOf(call.Arguments[1]))),
        _ => CallEstimate.Exactly(1),
    };

    /// <summary>The cost of a pattern tried on a string. An empty string costs too: the pattern may be long.</summary>
    public static CostInterval Match(SizeInterval text, SizeInterval pattern) =>
        (text + SizeInterval.Exactly(1)).CostOf(Traversal) * pattern.CostOf(CostFactors.RegexStringLengthCostFactor);

    private static SizeInterval Sum(CostNode left, CostNode right) => SizeOf(left) + SizeOf(right);

    private static CallEstimate Traverse(CostNode operand, Func<SizeInterval, SizeInterval> result)
    {
        var size = SizeOf(operand);
        return new CallEstimate(size.CostOf(Traversal), result(size));
    }

    /// <summary>At most the smaller one is gone over, at least its first unit.</summary>
    private static CostInterval Compare(SizeInterval left, SizeInterval right)
    {
        var most = Math.Min(left.Max, right.Max);
        return new CostInterval(most > 0 ? 1u : 0u, most).Scale(Traversal);
    }
}
