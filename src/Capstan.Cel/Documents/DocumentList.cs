namespace Capstan.Cel.Documents;

/// <summary>An array of a document, for functions that take any list.</summary>
internal sealed class DocumentList(CelDocument document, int node) : CelList
{
    public override int Count => document.Count(node);

    public override CelValue this[int index] => CelValue.Of(document, document.Element(node, index));

    public override CelValue[] ToArray()
    {
        var items = new CelValue[Count];
        for (int i = 0, at = node + 1; i < items.Length; i++, at = document.After(at))
        {
            items[i] = CelValue.Of(document, at);
        }

        return items;
    }
}
