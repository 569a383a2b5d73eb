using System.Text.Json;

namespace Capstan.Client;

/// <summary>What one page of a list says besides its items.</summary>
internal readonly record struct ListPage(string ResourceVersion, string? Continue)
{
    /// <summary>Reads a list in one pass, each item copied out so that no item keeps the page alive.</summary>
    /// <exception cref="JsonException">Not a list.</exception>
    public static ListPage Read(ReadOnlySpan<byte> json, ResourceType type, bool withoutManagedFields, List<DynamicObject> items)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1024 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("a list must be a JSON object");
        }

        var page = new ListPage("", null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                page = ReadMetadata(ref reader);
            }
            else if (reader.ValueTextEquals("items"u8))
            {
                reader.Read();
                ReadItems(ref reader, json, type, withoutManagedFields, items);
            }
            else
            {
                reader.Skip();
            }
        }

        return page;
    }

    private static void ReadItems(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ResourceType type, bool withoutManagedFields, List<DynamicObject> items)
    {
        // An empty list may be null.
        while (reader.TokenType != JsonTokenType.Null && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(DynamicObject.CopyFrom(json[start..(int)reader.BytesConsumed], type, withoutManagedFields));
        }
    }

    private static ListPage ReadMetadata(ref Utf8JsonReader reader)
    {
        var page = new ListPage("", null);
        if (reader.TokenType == JsonTokenType.Null)
        {
            return page;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("resourceVersion"u8))
            {
                reader.Read();
                page = page with { ResourceVersion = reader.GetString() ?? "" };
            }
            else if (reader.ValueTextEquals("continue"u8))
            {
                reader.Read();
                page = page with { Continue = reader.GetString() };
            }
            else
            {
                reader.Skip();
            }
        }

        return page;
    }
}
