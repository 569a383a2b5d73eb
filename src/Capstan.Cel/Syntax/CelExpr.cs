namespace Capstan.Cel.Syntax;

/// <summary>
/// A node of a parsed expression. The set of subclasses is closed: <see cref="LiteralExpr"/>, <see cref="IdentExpr"/>, <see cref="SelectExpr"/>,
/// <see cref="CallExpr"/>, <see cref="ListExpr"/>, <see cref="MapExpr"/>, <see cref="StructExpr"/>, <see cref="ComprehensionExpr"/>. Immutable.
/// </summary>
internal abstract class CelExpr
{
    private protected CelExpr(int id, SourceSpan span, int height)
    {
        Id = id;
        Span = span;
        Height = height;
    }

    /// <summary>Unique in the tree and below <see cref="CelAst.IdCount"/>, so that later passes keep their results in arrays.</summary>
    public int Id { get; }

    /// <summary>Where the node stands in the text; nodes that a macro made have the span of the macro's call.</summary>
    public SourceSpan Span { get; }

    /// <summary>Nodes on the longest way down, this one included: at most <see cref="SyntaxOptions.MaxHeight"/>, so passes may recurse.</summary>
    public int Height { get; }
}
