using System.Text.Json.Nodes;

namespace Capstan.Cel.Documents;

/// <summary>A <see cref="JsonArray"/>, read where it is.</summary>
internal sealed class JsonNodeList(JsonArray array) : CelList
{
    public override int Count => array.Count;

    public override CelValue this[int index] => CelValue.Of(array[index]);
}
