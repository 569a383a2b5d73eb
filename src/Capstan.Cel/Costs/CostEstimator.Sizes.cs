using Capstan.Cel.Syntax;
using Capstan.Cel.Values;

namespace Capstan.Cel.Costs;

/// <summary>What is known of the sizes of nodes.</summary>
internal sealed partial class CostEstimator
{
    private FieldPath PathOf(CelExpr node) =>
        node is IdentExpr ident && FindLocal(ident.Name) is { } local ? local.Path : _paths[node.Id];

    private SizeInterval SizeOrUnknown(CelExpr node) => SizeOf(node) ?? SizeInterval.Unknown;

    private SizeInterval? SizeOf(CelExpr node)
    {
        if (_sizes[node.Id] is { } known)
        {
            return known;
        }

        if (SizeOfLiteral(node) is { } written)
        {
            return SizeInterval.Exactly(written);
        }

        // What is known from outside goes before the type.
        var type = _expression.TypeOf(node);
        if (_model.Sizes?.Invoke(PathOf(node), type) is { } outside)
        {
            _sizes[node.Id] = outside;
            return outside;
        }

        return IsScalar(type) ? SizeInterval.Exactly(1)
            : node is IdentExpr ident ? FindLocal(ident.Name)?.Size
            : null;
    }

    private static ulong? SizeOfLiteral(CelExpr node) => node switch
    {
        LiteralExpr { Kind: LiteralKind.String } text => (ulong)Utf16Units.Count(text.StringValue),
        LiteralExpr { Kind: LiteralKind.Bytes } bytes => (ulong)bytes.BytesValue.Length,
        LiteralExpr => 1,
        ListExpr list => (ulong)list.Elements.Length,
        MapExpr map => (ulong)map.Entries.Length,
        _ => null,
    };

    /// <summary>Whether every value of the type has the same size.</summary>
    private static bool IsScalar(CelType type) => type.Kind switch
    {
        CelTypeKind.Bool or CelTypeKind.Double or CelTypeKind.Duration or CelTypeKind.Int or CelTypeKind.Timestamp or CelTypeKind.Uint => true,
        CelTypeKind.Wrapper => IsScalar(type.Parameters[0]),
        CelTypeKind.Opaque => type.IsOptional && IsScalar(type.Parameters[0]),
        _ => false,
    };

    private void SetSize(CelExpr node, SizeInterval? size) => _sizes[node.Id] = size ?? _sizes[node.Id];

    private EntrySize? EntrySizeOf(CelExpr node) =>
        _entrySizes[node.Id] ?? (node is IdentExpr ident ? FindLocal(ident.Name)?.EntrySize : null);

    private void SetEntrySize(CelExpr node, EntrySize? size) => _entrySizes[node.Id] = size ?? _entrySizes[node.Id];

    private void CopySizes(CelExpr to, CelExpr from)
    {
        SetSize(to, SizeOf(from));
        SetEntrySize(to, EntrySizeOf(from));
    }
}
