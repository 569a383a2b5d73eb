using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary><c>list.sortBy(e, key)</c></summary>
internal static class ListMacros
{
    /// <summary>Receiver is the list, argument the list of the elements' keys.</summary>
    public const string SortByAssociatedKeys = "@sortByAssociatedKeys";

    private const string Input = "@__sortBy_input__";

    public static IReadOnlyList<Macro> All { get; } = [new("sortBy", 2, true, (x, target, a) => SortBy(x, target!, a))];

    private static CelExpr SortBy(MacroExpansion x, CelExpr target, ImmutableArray<CelExpr> arguments)
    {
        if (target is LiteralExpr or MapExpr or StructExpr)
        {
            return x.Error(target, "sortBy can only be applied to a list, identifier, comprehension, call or select expression");
        }

        var keys = StandardMacros.Map(x, x.Ident(Input), arguments[0], null, arguments[1]);
        return x.Bind(Input, target, x.MemberCall(x.Ident(Input), SortByAssociatedKeys, keys));
    }
}
