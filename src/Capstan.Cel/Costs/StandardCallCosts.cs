namespace Capstan.Cel.Costs;

/// <summary>The functions of the language, by overload. What is not here costs 1: arithmetic, sizes, conversions of numbers, lists put together.</summary>
internal static class StandardCallCosts
{
    private static readonly CallCost Traversal = CallCost.OfArguments(a => TextCost.Once(ValueSize.Of(a[0])));
    private static readonly CallCost Smaller = CallCost.OfArguments(a => ValueSize.CostOfSmaller(a[0], a[1]));
    private static readonly CallCost Both = CallCost.OfArguments(a => TextCost.Once(ValueSize.Of(a[0]) + ValueSize.Of(a[1])));
    private static readonly CallCost Match = CallCost.OfArguments(a => TextCost.Match(ValueSize.Of(a[0]), ValueSize.Of(a[1])));
    private static readonly CallCost Search = CallCost.OfArguments(a => TextCost.Search(ValueSize.Of(a[0]), ValueSize.Of(a[1])));
    private static readonly CallCost Elements = CallCost.OfArguments(a => ValueSize.Of(a[1]));

    /// <summary>Never null.</summary>
    public static CallCost Find(string overload) => overload switch
    {
        "starts_with_string" or "ends_with_string" or "string_to_bytes" or "bytes_to_string" or "strings_quote" or "string_format" => Traversal,
        "less_string" or "less_equals_string" or "greater_string" or "greater_equals_string" => Smaller,
        "less_bytes" or "less_equals_bytes" or "greater_bytes" or "greater_equals_bytes" => Smaller,
        "add_string" or "add_bytes" => Both,
        "matches_string" => Match,
        "contains_string" => Search,
        "in_list" => Elements,
        _ => CallCost.One,
    };
}
