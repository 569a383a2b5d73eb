using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace KubeTemplater.Templating;

/// <summary>Finds, one after another, what the names in <c>fieldsV1</c> stand for in one live value.</summary>
/// <remarks>The server sorts both, mostly: each search begins where the last one ended.</remarks>
/// <param name="live">An object, or a list; anything else has no parts.</param>
/// <param name="countsItems">Whether items of a list are searched for at all.</param>
internal ref struct FieldSearch(JsonElement live, bool countsItems)
{
    private JsonElement.ObjectEnumerator _members = live.ValueKind == JsonValueKind.Object ? live.EnumerateObject() : default;
    private JsonElement.ArrayEnumerator _items = live.ValueKind == JsonValueKind.Array ? live.EnumerateArray() : default;

    /// <summary>The part of that name; undefined if it is not there, or has no value of its own.</summary>
    /// <param name="name">As written in JSON, for example <c>f:replicas</c> or <c>k:{\"name\":\"web\"}</c>.</param>
    public JsonElement Find(ReadOnlySpan<byte> name) =>
        name.StartsWith("f:"u8) && live.ValueKind == JsonValueKind.Object ? Member(name[2..])
        : name.StartsWith("k:"u8) && live.ValueKind == JsonValueKind.Array && countsItems ? Item(name[2..])
        : default;

    private JsonElement Member(ReadOnlySpan<byte> name)
    {
        for (var round = 0; round < 2; round++)
        {
            while (_members.MoveNext())
            {
                if (JsonMarshal.GetRawUtf8PropertyName(_members.Current).SequenceEqual(name))
                {
                    return _members.Current.Value;
                }
            }

            _members.Reset();
        }

        return default;
    }

    private JsonElement Item(ReadOnlySpan<byte> escapedKeys)
    {
        // The name of a member holds JSON, so it is JSON in a JSON text.
        var keys = Encoding.UTF8.GetBytes(JsonSerializer.Deserialize($"\"{Encoding.UTF8.GetString(escapedKeys)}\"", Resources.ResourcesJson.Default.String) ?? "");
        using var wanted = JsonDocument.Parse(keys);
        for (var round = 0; round < 2; round++)
        {
            while (_items.MoveNext())
            {
                if (HasKeys(_items.Current, wanted.RootElement))
                {
                    return _items.Current;
                }
            }

            _items.Reset();
        }

        return default;
    }

    private static bool HasKeys(JsonElement item, JsonElement keys)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var key in keys.EnumerateObject())
        {
            if (!item.TryGetProperty(key.Name, out var value) || !JsonElement.DeepEquals(value, key.Value))
            {
                return false;
            }
        }

        return true;
    }
}
