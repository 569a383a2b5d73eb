using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary><c>cel.bind(name, value, body)</c></summary>
internal static class BindMacros
{
    public static IReadOnlyList<Macro> All { get; } = [new("bind", 3, true, Bind)];

    /// <summary>Whether a receiver is the namespace <c>cel</c> and not a value.</summary>
    public static bool IsNamespace(CelExpr? target) => target is IdentExpr { Name: "cel" };

    private static CelExpr? Bind(MacroExpansion x, CelExpr? target, ImmutableArray<CelExpr> arguments)
    {
        if (!IsNamespace(target))
        {
            return null;
        }

        return LoopVariable.Of(x, arguments[0], "cel.bind() variable names must be simple identifiers") is { } name
            ? x.Bind(name, arguments[1], arguments[2])
            : arguments[2];
    }
}
