namespace Capstan.Cel.Syntax;

/// <summary>A parsed expression. Immutable, so it may be shared between threads.</summary>
/// <param name="Source">The text it was parsed from.</param>
/// <param name="Root">The top node.</param>
/// <param name="IdCount">One more than the highest id of a node or an entry, those in <paramref name="MacroCalls"/> included.</param>
/// <param name="MacroCalls">
/// By the id of the node that a macro was replaced by: the call as written. Its arguments are the nodes that the expansion uses too, so a
/// macro within them is found again by its id.
/// </param>
internal sealed record CelAst(CelSource Source, CelExpr Root, int IdCount, IReadOnlyDictionary<int, CallExpr> MacroCalls);
