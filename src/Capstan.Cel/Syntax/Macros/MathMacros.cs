using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary><c>math.least(...)</c> and <c>math.greatest(...)</c> of any number of arguments.</summary>
internal static class MathMacros
{
    public static IReadOnlyList<Macro> All { get; } =
    [
        new("least", Macro.AnyCount, true, (x, target, a) => Extreme(x, target!, a, "math.least()", "math.@min")),
        new("greatest", Macro.AnyCount, true, (x, target, a) => Extreme(x, target!, a, "math.greatest()", "math.@max")),
    ];

    private static CelExpr? Extreme(MacroExpansion x, CelExpr target, ImmutableArray<CelExpr> arguments, string name, string function)
    {
        if (target is not IdentExpr { Name: "math" })
        {
            return null;
        }

        if (arguments is [])
        {
            return x.Error(target, $"{name} requires at least one argument");
        }

        if (arguments is [var only])
        {
            return MayBeNumber(only) || (only is ListExpr { Elements: { Length: > 0 } elements } && elements.All(MayBeNumber))
                ? x.Call(function, only)
                : x.Error(only, $"{name} invalid single argument value");
        }

        if (arguments.FirstOrDefault(a => !MayBeNumber(a)) is { } wrong)
        {
            return x.Error(wrong, $"{name} simple literal arguments must be numeric");
        }

        return arguments.Length == 2 ? x.Call(function, arguments) : x.Call(function, x.List(arguments));
    }

    private static bool MayBeNumber(CelExpr node) => node switch
    {
        LiteralExpr literal => literal.Kind is LiteralKind.Int or LiteralKind.Uint or LiteralKind.Double,
        ListExpr or MapExpr or StructExpr => false,
        _ => true,
    };
}
