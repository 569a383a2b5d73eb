namespace Capstan.Cel.Costs;

/// <summary>Sizes of what a list or map holds.</summary>
/// <param name="IsList">A list, else a map.</param>
/// <param name="Key">Of the keys; of a list 1.</param>
/// <param name="Value">Of the elements or values.</param>
internal sealed record EntrySize(bool IsList, SizeInterval Key, SizeInterval Value)
{
    /// <summary>Of a container that is one or the other: nothing is known when nothing is known of one.</summary>
    public static EntrySize? Union(EntrySize? left, EntrySize? right) =>
        left is null || right is null ? null : new EntrySize(left.IsList, left.Key.Union(right.Key), left.Value.Union(right.Value));
}
