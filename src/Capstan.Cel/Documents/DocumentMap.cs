namespace Capstan.Cel.Documents;

/// <summary>An object of a document, for functions that take any map. Of equal names the last counts, in the place of the first.</summary>
internal sealed class DocumentMap(CelDocument document, int node) : CelMap
{
    private int[]? _names;

    public override int Count => document.HasDuplicates(node) ? Names.Length : document.Count(node);

    private int[] Names => _names ??= document.Names(node);

    public override (CelValue Key, CelValue Value) Entry(int index)
    {
        var name = Names[index];
        return (CelValue.Of(document, name), CelValue.Of(document, name + 1));
    }

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        value = default;
        if (key.Kind != CelKind.String || !document.TryGet(node, key, out var found))
        {
            return false;
        }

        value = CelValue.Of(document, found);
        return true;
    }
}
