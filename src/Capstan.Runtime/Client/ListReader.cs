using System.Text.Json;

namespace Capstan.Client;

/// <summary>Gets the JSON of an item, which it must copy.</summary>
internal delegate void ItemReader(ReadOnlySpan<byte> json);

/// <summary>Reads a list out of whatever pieces it comes in, object by object. Not thread-safe.</summary>
/// <param name="item">Called with each item.</param>
internal sealed class ListReader(ItemReader item)
{
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = 1024 });
    private Place _place = Place.Start;

    private enum Place
    {
        /// <summary>Before the list.</summary>
        Start,

        /// <summary>Between members of the list.</summary>
        Members,

        /// <summary>Between its items.</summary>
        Items,

        /// <summary>Behind the list.</summary>
        End,
    }

    /// <summary>Version of the list; known for certain at its end.</summary>
    public string ResourceVersion { get; private set; } = "";

    /// <summary>What to ask for to get the next page; null at the last. Known for certain at the end.</summary>
    public string? Continue { get; private set; }

    /// <summary>Items so far.</summary>
    public int Items { get; private set; }

    /// <summary>Whether the list was whole.</summary>
    public bool IsAtEnd => _place == Place.End;

    /// <summary>Takes what is whole.</summary>
    /// <param name="json">What follows the bytes that were taken before.</param>
    /// <param name="isLast">Whether nothing comes after it.</param>
    /// <returns>How many bytes were taken; the rest must be given again, with more behind it.</returns>
    /// <exception cref="JsonException">Not a list, or an item's metadata is not what Kubernetes defines.</exception>
    public int Read(ReadOnlySpan<byte> json, bool isLast)
    {
        var reader = new Utf8JsonReader(json, isLast, _state);
        var taken = reader;
        while (Step(ref reader, json))
        {
            taken = reader;
        }

        _state = taken.CurrentState;
        return (int)taken.BytesConsumed;
    }

    /// <summary>Takes one member or item; false if it is not whole, or there is none.</summary>
    private bool Step(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (!reader.Read())
        {
            return false;
        }

        switch (_place)
        {
            case Place.Start:
                _place = reader.TokenType == JsonTokenType.StartObject ? Place.Members : throw new JsonException("a list must be a JSON object");
                return true;
            case Place.Members when reader.TokenType == JsonTokenType.EndObject:
                _place = Place.End;
                return true;
            case Place.Members:
                return TakeMember(ref reader, json);
            case Place.Items when reader.TokenType == JsonTokenType.EndArray:
                _place = Place.Members;
                return true;
            case Place.Items:
                var start = (int)reader.TokenStartIndex;
                if (!reader.TrySkip())
                {
                    return false;
                }

                item(json[start..(int)reader.BytesConsumed]);
                Items++;
                return true;
            default:
                return false;
        }
    }

    private bool TakeMember(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var (isItems, isMetadata) = (reader.ValueTextEquals("items"u8), reader.ValueTextEquals("metadata"u8));
        if (!reader.Read())
        {
            return false;
        }

        if (isItems && reader.TokenType == JsonTokenType.StartArray)
        {
            _place = Place.Items;
            return true;
        }

        // An empty list may be null.
        var start = (int)reader.TokenStartIndex;
        if (!reader.TrySkip())
        {
            return false;
        }

        if (isMetadata)
        {
            ReadMetadata(json[start..(int)reader.BytesConsumed]);
        }

        return true;
    }

    private void ReadMetadata(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isVersion, isContinue) = (reader.ValueTextEquals("resourceVersion"u8), reader.ValueTextEquals("continue"u8));
            reader.Read();
            if (isVersion)
            {
                ResourceVersion = reader.GetString() ?? "";
            }
            else if (isContinue)
            {
                Continue = reader.GetString();
            }
            else
            {
                reader.Skip();
            }
        }
    }
}
