using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes.Schemas;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>The old items of a list, found by the keys of new ones. Only lists of type map have such; of others no item is known again.</summary>
internal sealed class OldItems(Schema list, JsonArray? old)
{
    private Dictionary<ListMapKey, JsonNode>? _items;

    /// <summary>The old item of the same keys, the first of several; null when there is none.</summary>
    public JsonNode? Of(JsonNode? item)
    {
        if (old is not { Count: > 0 } || list.ListType != ListType.Map || list.ListMapKeys.Count == 0 || KeyOf(item) is not { } key)
        {
            return null;
        }

        _items ??= Read(old);
        return _items.GetValueOrDefault(key);
    }

    private Dictionary<ListMapKey, JsonNode> Read(JsonArray items)
    {
        var read = new Dictionary<ListMapKey, JsonNode>(items.Count);
        foreach (var item in items)
        {
            if (KeyOf(item) is { } key)
            {
                read.TryAdd(key, item!);
            }
        }

        return read;
    }

    // Keys must be there and be scalars.
    private ListMapKey? KeyOf(JsonNode? item)
    {
        if (item is not JsonObject)
        {
            return null;
        }

        var fields = CelValue.Of(item).Map;
        var values = new CelValue[list.ListMapKeys.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (!fields.TryGet(CelValue.Of(list.ListMapKeys[i]), out values[i]) || values[i].Kind is not (CelKind.Bool or CelKind.Int or CelKind.Double or CelKind.String))
            {
                return null;
            }
        }

        return new ListMapKey(values);
    }
}
