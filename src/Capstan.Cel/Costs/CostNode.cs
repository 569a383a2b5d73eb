using Capstan.Cel.Syntax;

namespace Capstan.Cel.Costs;

/// <summary>The receiver or an argument of a call whose cost is estimated.</summary>
/// <param name="Expression">The node, null of the elements of a list that stands there.</param>
/// <param name="Path">How the value is reached from a variable.</param>
/// <param name="Type">Its type.</param>
/// <param name="Size">Its size, null where nothing is known of it.</param>
internal sealed record CostNode(CelExpr? Expression, FieldPath Path, CelType Type, SizeInterval? Size)
{
    /// <summary>The elements of a list, null where the type tells of none.</summary>
    public CostNode? Elements() => Type.Parameters is [var element, ..]
        ? new CostNode(null, Path.Length > 0 ? Path.CopyAndAppend(FieldPath.Items) : default, element, null)
        : null;

    /// <summary>The value of an integer literal.</summary>
    public long? IntLiteral => Expression is LiteralExpr { Kind: LiteralKind.Int } literal ? literal.IntValue : null;
}
