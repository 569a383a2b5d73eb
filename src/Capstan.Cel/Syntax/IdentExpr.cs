namespace Capstan.Cel.Syntax;

/// <summary>A name alone.</summary>
/// <param name="id">See <see cref="CelExpr.Id"/>.</param>
/// <param name="span">See <see cref="CelExpr.Span"/>.</param>
/// <param name="name">The name; with a dot in front where the text has one, which resolves it in the root and past comprehension variables.</param>
internal sealed class IdentExpr(int id, SourceSpan span, string name) : CelExpr(id, span, 1)
{
    public string Name { get; } = name;
}
