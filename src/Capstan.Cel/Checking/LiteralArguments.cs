using Capstan.Cel.Regex;
using Capstan.Cel.Syntax;
using Capstan.Cel.Values;

namespace Capstan.Cel.Checking;

/// <summary>Literal arguments that can only fail when evaluated: times, durations and patterns that are none.</summary>
internal static class LiteralArguments
{
    /// <summary>What is wrong with the arguments of a resolved call, and where; null when nothing is.</summary>
    public static (CelExpr Argument, string Message)? Problem(CallExpr call, CheckedReference reference)
    {
        // Another library may have a function of the same name: only the standard overloads take these.
        if (reference.Overloads is not [var overload] || call.Arguments is not [.., LiteralExpr { Kind: LiteralKind.String } literal])
        {
            return null;
        }

        var isGood = overload switch
        {
            "string_to_timestamp" => CelTimestamp.Parse(literal.StringValue, keepOffset: true, out _) == CelErrorKind.None,
            "string_to_duration" => CelDuration.TryParse(literal.StringValue, out _),
            "matches" or "matches_string" => Re2.IsPattern(literal.StringValue),
            _ => true,
        };
        return isGood ? null : (literal, $"invalid {reference.Name} argument");
    }
}
