using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary>The height of the highest of some nodes, 0 of none.</summary>
internal static class Heights
{
    public static int Of(params ReadOnlySpan<CelExpr> nodes)
    {
        var highest = 0;
        foreach (var node in nodes)
        {
            highest = Math.Max(highest, node.Height);
        }

        return highest;
    }

    public static int Of(ImmutableArray<CelExpr> nodes) => Of(nodes.AsSpan());

    public static int Of(ImmutableArray<MapEntry> entries)
    {
        var highest = 0;
        foreach (var entry in entries)
        {
            highest = Math.Max(highest, Math.Max(entry.Key.Height, entry.Value.Height));
        }

        return highest;
    }

    public static int Of(ImmutableArray<StructField> fields)
    {
        var highest = 0;
        foreach (var field in fields)
        {
            highest = Math.Max(highest, field.Value.Height);
        }

        return highest;
    }
}
