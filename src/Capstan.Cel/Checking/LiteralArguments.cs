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
        if (call.Arguments is not [LiteralExpr literal, ..])
        {
            return null;
        }

        // Of the global matches(text, pattern) it is the text that is tried: so it is in Kubernetes.
        var isGood = (reference.Name, literal.Kind) switch
        {
            ("timestamp", LiteralKind.String) => CelTimestamp.Parse(literal.StringValue, keepOffset: true, out _) == CelErrorKind.None,
            ("timestamp", LiteralKind.Int) => CelTimestamp.TryCreate(literal.IntValue, 0, out _),
            ("duration", LiteralKind.String) => CelDuration.TryParse(literal.StringValue, out _),
            ("timestamp" or "duration", _) => false,
            ("matches", LiteralKind.String) => Re2.Problem(literal.StringValue) is null,
            _ => true,
        };
        return isGood ? null : (literal, $"invalid {reference.Name} argument");
    }
}
