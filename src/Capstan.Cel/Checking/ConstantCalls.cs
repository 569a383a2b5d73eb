using Capstan.Cel.Evaluation;
using Capstan.Cel.Library;
using Capstan.Cel.Regex;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Checking;

/// <summary>Calls that cel-go evaluates while it compiles, since it sees their arguments: conversions of literals, and patterns.</summary>
internal static class ConstantCalls
{
    private static readonly FunctionSet Converters = Declared();

    /// <summary>Why a call can only fail; null when it may not.</summary>
    public static string? Problem(CallExpr call, CheckedReference reference, CheckOptions options)
    {
        if (reference.Overloads is [var overload] && options.PatternOverloads.Contains(overload))
        {
            var pattern = call.Target is null ? call.Arguments[1] : call.Arguments[0];
            return ValueOf(pattern) is { Kind: CelKind.String } text ? Re2.Problem(text.String) : null;
        }

        // What goes wrong in an argument is a matter of that call.
        return call.Arguments is [var argument] && ValueOf(argument) is { IsError: true } ? null
            : ValueOf(call) is { IsError: true } error ? error.ErrorMessage : null;
    }

    /// <summary>The value of a literal, or of conversions of one.</summary>
    private static CelValue? ValueOf(CelExpr node) => node switch
    {
        LiteralExpr literal => Lowering.ValueOf(literal),
        CallExpr { Target: null, Arguments: [var argument] } call when Converters.Functions.TryGetValue((call.Function, 1, false), out var convert) =>
            ValueOf(argument) is not { } value ? null : value.IsError ? value : convert([value]).WithArguments([value]),
        _ => null,
    };

    private static FunctionSet Declared()
    {
        var set = new FunctionSet(CelDialect.Kubernetes);
        Conversions.Declare(set);
        return set;
    }
}
