using System.Collections.Immutable;
using System.Globalization;

namespace Capstan.Cel.Syntax;

/// <summary>Spells what only an optimizer writes, for the conformance suite: blocks of shared values, and the variables of moved comprehensions.</summary>
internal static class BlockMacros
{
    /// <summary>First argument the list of shared values, second the expression that sees them as <c>@index0</c> and so on.</summary>
    public const string Block = "cel.@block";

    public static IReadOnlyList<Macro> All { get; } =
    [
        new("block", 2, true, MakeBlock),
        new("index", 1, true, (x, target, a) => Name(x, target, a, "@index")),
        new("iterVar", 2, true, (x, target, a) => Name(x, target, a, "@it:")),
        new("accuVar", 2, true, (x, target, a) => Name(x, target, a, "@ac:")),
    ];

    private static CelExpr? MakeBlock(MacroExpansion x, CelExpr? target, ImmutableArray<CelExpr> arguments) =>
        !BindMacros.IsNamespace(target) ? null
        : arguments[0] is ListExpr ? x.Call(Block, arguments)
        : x.Error(arguments[0], "cel.block requires the first arg to be a list literal");

    private static CelExpr? Name(MacroExpansion x, CelExpr? target, ImmutableArray<CelExpr> arguments, string prefix)
    {
        if (!BindMacros.IsNamespace(target))
        {
            return null;
        }

        if (arguments.FirstOrDefault(a => a is not LiteralExpr { Kind: LiteralKind.Int, IntValue: >= 0 }) is { } wrong)
        {
            return x.Error(wrong, "argument must be a non-negative integer");
        }

        return x.Ident(prefix + string.Join(':', arguments.Select(a => ((LiteralExpr)a).IntValue.ToString(CultureInfo.InvariantCulture))));
    }
}
