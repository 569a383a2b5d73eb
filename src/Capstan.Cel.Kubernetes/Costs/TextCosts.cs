using Capstan.Cel.Costs;

namespace Capstan.Cel.Kubernetes.Costs;

/// <summary>Costs of calls that go over a string.</summary>
internal static class TextCosts
{
    private const double Traversal = CostFactors.StringTraversalCostFactor;

    // Of a named format no pattern is known: a long one is supposed.
    private const double PatternOfFormat = 128 * CostFactors.RegexStringLengthCostFactor;

    // A requirement of a selector takes two characters at least, and a list in a struct.
    private const double RequirementsPerCharacter = 0.5;
    private const double CostOfRequirement = CostFactors.ListCreateBaseCost + CostFactors.StructCreateBaseCost;

    /// <summary>The string once; what comes out is as long.</summary>
    public static CallEstimate? Traverse(CallToEstimate call)
    {
        var text = call.Function is "url" or "jsonpatch.escapeKey" ? call.Arguments is [var argument] ? argument : null : call.Target;
        return text is null ? null : new CallEstimate(call.SizeOf(text).CostOf(Traversal), call.SizeOf(text));
    }

    /// <summary>The text of the first argument, so many times.</summary>
    public static CallEstimate? Parse(CallToEstimate call, int times) =>
        call.Arguments is [var text, ..] ? new(call.SizeOf(text).CostOf(times * Traversal)) : null;

    public static CallEstimate? Validate(CallToEstimate call) =>
        call.Arguments is [var text, ..] ? new(call.SizeOf(text).CostOf(Traversal).Scale(PatternOfFormat)) : null;

    /// <summary>The search; in the worst case each character is found alone.</summary>
    public static CallEstimate? Find(CallToEstimate call) =>
        call is { Target: { } text, Arguments: [var pattern, ..] }
            ? new(StandardCosts.Match(call.SizeOf(text), call.SizeOf(pattern)), new SizeInterval(0, call.SizeOf(text).Max))
            : null;

    /// <summary>The string, and what is made of it: at most as many parts as characters, or as the limit says.</summary>
    public static CallEstimate? Split(CallToEstimate call)
    {
        if (call.Target is not { } text)
        {
            return null;
        }

        // A negative limit, which means none, is a large number here, as in Kubernetes.
        var parts = call.Arguments is [_, { IntLiteral: { } limit }, ..] ? unchecked((ulong)limit) : call.SizeOf(text).Max;
        return new CallEstimate(call.SizeOf(text).CostOf(2 * Traversal), new SizeInterval(0, parts));
    }

    /// <summary>The string, and what is made of it.</summary>
    public static CallEstimate? Replace(CallToEstimate call)
    {
        if (call is not { Target: { } text, Arguments: [var part, var replacement, ..] })
        {
            return null;
        }

        var (size, from, to) = (call.SizeOf(text), call.SizeOf(part), call.SizeOf(replacement));
        var (most, mostKept) = Occurrences(size.Max, from.Min, replacementIsNotLonger: to.Max <= from.Min);
        var (least, leastKept) = Occurrences(size.Min, from.Max, replacementIsNotLonger: from.Max <= to.Min);
        return new CallEstimate(
            size.CostOf(2 * Traversal),
            (new SizeInterval(least, most) * to) + new SizeInterval(leastKept, mostKept));
    }

    /// <summary>The parse of a selector, and its requirements.</summary>
    public static CallEstimate? Select(CallToEstimate call)
    {
        if (call.Arguments is not [var selector])
        {
            return null;
        }

        var size = call.SizeOf(selector);
        return new CallEstimate(
            CostInterval.Exactly(CostFactors.ListCreateBaseCost)
            + size.CostOf(Traversal) + size.CostOf(RequirementsPerCharacter).Scale(CostOfRequirement));
    }

    /// <summary>How often a part can occur in a string, and how many of the string's characters stay beside the replacements.</summary>
    private static (ulong Count, ulong Kept) Occurrences(ulong text, ulong part, bool replacementIsNotLonger) =>
        part == 0 ? (Saturating.Add(text, 1), text)
        : replacementIsNotLonger ? (0, text)
        : (Quotient(text, part), 0);

    // Where the quotient is the end of the range it is half of it, which is what Kubernetes' conversion from a double makes of it.
    private static ulong Quotient(ulong text, ulong part) =>
        Math.Ceiling((double)text / part) is var quotient and < 18446744073709551616.0 ? (ulong)quotient : 1ul << 63;
}
