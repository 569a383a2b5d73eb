using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>A value beside what it was before an update: what did not change is not held against the update. Used by one thread.</summary>
/// <remarks>An object's fields are known again by their names; items only in lists of type map, by their keys.</remarks>
internal sealed class Former(JsonNode? value, JsonNode? old, Schema schema)
{
    private readonly Dictionary<string, Former?> _fields = new(StringComparer.Ordinal);
    private Dictionary<string, JsonNode?>? _oldItems;
    private bool? _isSame;

    /// <summary>Whether the value is what it was; lists of type map may have another order.</summary>
    public bool IsSame => _isSame ??= Compare();

    /// <summary>Of a field; null when it was not there before, or the schema does not know it.</summary>
    public Former? Field(string name)
    {
        if (_fields.TryGetValue(name, out var known))
        {
            return known;
        }

        return _fields[name] = value is JsonObject now && old is JsonObject before && schema.Field(name) is { } field
            && now.TryGetPropertyValue(name, out var current) && before.TryGetPropertyValue(name, out var former)
            ? new(current, former, field)
            : null;
    }

    /// <summary>Of an item; null when it cannot be told which it was.</summary>
    public Former? Item(int index)
    {
        if (value is not JsonArray now || old is not JsonArray before || schema.Items is not { } item || schema.ListType != ListType.Map || KeyOf(now[index]) is not { } key)
        {
            return null;
        }

        if (_oldItems is null)
        {
            _oldItems = new(StringComparer.Ordinal);
            foreach (var one in before)
            {
                if (KeyOf(one) is { } name)
                {
                    _oldItems.TryAdd(name, one);
                }
            }
        }

        return _oldItems.TryGetValue(key, out var former) ? new(now[index], former, item) : null;
    }

    private bool Compare() => (value, old) switch
    {
        (JsonArray now, JsonArray before) => now.Count == before.Count
            && (schema.ListType == ListType.Map ? Enumerable.Range(0, now.Count).All(i => Item(i) is { IsSame: true }) : JsonNode.DeepEquals(now, before)),
        (JsonObject now, JsonObject before) => now.Count == before.Count && now.All(f => Field(f.Key) is { IsSame: true }),
        _ => JsonNode.DeepEquals(value, old),
    };

    private string? KeyOf(JsonNode? item)
    {
        if (item is not JsonObject fields)
        {
            return null;
        }

        var key = new JsonArray();
        foreach (var name in schema.ListMapKeys)
        {
            if (fields[name] is not JsonValue part)
            {
                return null;
            }

            key.Add(part.DeepClone());
        }

        return GoFormat.Json(key);
    }
}
