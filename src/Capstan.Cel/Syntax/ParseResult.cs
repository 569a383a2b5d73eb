namespace Capstan.Cel.Syntax;

/// <summary>What parsing gives: a tree, or errors. A tree never comes with errors.</summary>
/// <param name="Source">The text.</param>
/// <param name="Ast">The tree, null when there are errors.</param>
/// <param name="Issues">The errors in the order of the text.</param>
internal sealed record ParseResult(CelSource Source, CelAst? Ast, IReadOnlyList<CelIssue> Issues);
