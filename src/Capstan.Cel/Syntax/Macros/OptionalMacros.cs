namespace Capstan.Cel.Syntax;

/// <summary><c>optMap</c> and <c>optFlatMap</c>: a computation on the value of an optional, none when it is none.</summary>
internal static class OptionalMacros
{
    public static IReadOnlyList<Macro> All { get; } =
    [
        new("optMap", 2, true, (x, target, a) => Compute(x, target!, a[0], "optMap", body => x.Call("optional.of", body), a[1])),
        new("optFlatMap", 2, true, (x, target, a) => Compute(x, target!, a[0], "optFlatMap", body => body, a[1])),
    ];

    // The optional is evaluated twice, as in cel-go: what it costs depends on it.
    private static CelExpr Compute(
        MacroExpansion x, CelExpr target, CelExpr variable, string macro, Func<CelExpr, CelExpr> wrap, CelExpr body)
    {
        if (LoopVariable.Of(x, variable, $"{macro}() variable name must be a simple identifier") is not { } name)
        {
            return target;
        }

        return x.Call(
            Operators.Conditional,
            x.MemberCall(target, "hasValue"),
            wrap(x.Bind(name, x.MemberCall(x.Copy(target), "value"), body)),
            x.Call("optional.none"));
    }
}
