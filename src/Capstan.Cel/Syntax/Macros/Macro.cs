using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary>Replaces a call by other nodes. Returns null to leave the call as it is; after <see cref="MacroExpansion.Error"/> any node will do.</summary>
internal delegate CelExpr? MacroExpander(MacroExpansion expansion, CelExpr? target, ImmutableArray<CelExpr> arguments);

/// <summary>A call that is replaced while parsing, found by name, number of arguments and whether it has a receiver.</summary>
/// <param name="Name">Function name of the call.</param>
/// <param name="ArgumentCount">Number of arguments, or <see cref="AnyCount"/>.</param>
/// <param name="HasTarget">Whether the call has a receiver.</param>
/// <param name="Expand">Makes the replacement.</param>
internal sealed record Macro(string Name, int ArgumentCount, bool HasTarget, MacroExpander Expand)
{
    public const int AnyCount = -1;
}
