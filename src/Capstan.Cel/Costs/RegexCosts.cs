namespace Capstan.Cel.Costs;

/// <summary>Costs of the regex library: the search, and what comes out of it.</summary>
internal static class RegexCosts
{
    public static CallEstimate? Estimate(CallToEstimate call) => call switch
    {
        { Overload: "regex_extract_string_string", Arguments: [var text, var pattern] } => Extract(call.SizeOf(text), call.SizeOf(pattern)),
        { Overload: "regex_extractAll_string_string", Arguments: [var text, var pattern] } =>
            ExtractAll(call.SizeOf(text), call.SizeOf(pattern)),
        { Function: "regex.replace", Arguments: [var text, var pattern, var replacement, ..] } =>
            Replace(call.SizeOf(text), call.SizeOf(pattern), call.SizeOf(replacement)),
        _ => null,
    };

    private static CallEstimate Extract(SizeInterval text, SizeInterval pattern) =>
        new(Search(text, pattern) + new CostInterval(0, text.Max), text with { Min = 0 });

    private static CallEstimate ExtractAll(SizeInterval text, SizeInterval pattern) =>
        new(
            Search(text, pattern) + new CostInterval(0, text.Max) + CostInterval.Exactly(CostFactors.ListCreateBaseCost),
            text with { Min = 0 });

    // The product overflows and wraps around, as cel-go's does.
    private static CallEstimate Replace(SizeInterval text, SizeInterval pattern, SizeInterval replacement)
    {
        var replaced = unchecked(text.Max * replacement.Max);
        var size = replacement.Max == 0 ? new SizeInterval(replaced, text.Max) : new SizeInterval(text.Max, replaced);
        return new CallEstimate(Search(text, pattern) + new CostInterval(size.Min, size.Max), size);
    }

    private static CostInterval Search(SizeInterval text, SizeInterval pattern) =>
        StandardCosts.Match(text, pattern + SizeInterval.Exactly(1));
}
