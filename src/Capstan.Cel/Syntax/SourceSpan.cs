namespace Capstan.Cel.Syntax;

/// <summary>The part of the text that a node was made from, in UTF-16 code units, and the place that messages about the node point at.</summary>
/// <param name="Start">Offset of the first code unit.</param>
/// <param name="Length">Number of code units.</param>
/// <param name="Position">Where messages point: the operator, the dot of a selection, the parenthesis of a call; as cel-go points.</param>
internal readonly record struct SourceSpan(int Start, int Length, int Position)
{
    public int End => Start + Length;

    public static SourceSpan Between(int start, int end, int position) => new(start, end - start, position);
}
