using System.Text.Json;

namespace Capstan.Watching;

internal delegate void ItemReader(ReadOnlySpan<byte> item);

/// <summary>Cuts a list into its items while its bytes come in: no more of it is held than one item.</summary>
/// <param name="item">Called with the JSON of each item, which it must copy.</param>
internal sealed class ListCutter(ItemReader item)
{
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = 1024 });
    private Place _place;

    private enum Place
    {
        Start,
        Members,
        Items,
        End,
    }

    /// <summary>Version of the list, of what was read so far.</summary>
    public string ResourceVersion { get; private set; } = "";

    /// <summary>Where the list goes on; null or empty at its last page.</summary>
    public string? Continue { get; private set; }

    /// <summary>Whether the list was read to its end.</summary>
    public bool IsComplete => _place == Place.End;

    /// <summary>Reads on.</summary>
    /// <param name="bytes">What is left from before, and more.</param>
    /// <param name="isLast">Nothing comes after.</param>
    /// <returns>How many bytes were understood; the rest must come again, with more.</returns>
    /// <exception cref="JsonException">Not a list.</exception>
    public int Take(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var reader = new Utf8JsonReader(bytes, isLast, _state);
        var understood = 0;
        while (_place != Place.End && Step(ref reader, bytes))
        {
            understood = (int)reader.BytesConsumed;
            _state = reader.CurrentState;
        }

        if (isLast && !IsComplete)
        {
            throw new JsonException("a list that ends in its midst");
        }

        return understood;
    }

    private bool Step(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
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
            case Place.Members when reader.ValueTextEquals("items"u8):
                // An empty list may be null.
                if (!reader.Read())
                {
                    return false;
                }

                _place = reader.TokenType switch
                {
                    JsonTokenType.StartArray => Place.Items,
                    JsonTokenType.Null => Place.Members,
                    _ => throw new JsonException("the items of a list must be an array"),
                };
                return true;
            case Place.Members:
                var isMetadata = reader.ValueTextEquals("metadata"u8);
                if (!SkipValue(ref reader, out var start))
                {
                    return false;
                }

                if (isMetadata)
                {
                    ReadMetadata(bytes[start..(int)reader.BytesConsumed]);
                }

                return true;
            case Place.Items when reader.TokenType == JsonTokenType.EndArray:
                _place = Place.Members;
                return true;
            default:
                var first = (int)reader.TokenStartIndex;
                if (!reader.TrySkip())
                {
                    return false;
                }

                item(bytes[first..(int)reader.BytesConsumed]);
                return true;
        }
    }

    private void ReadMetadata(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1024 });
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

    private static bool SkipValue(ref Utf8JsonReader reader, out int start)
    {
        start = 0;
        if (!reader.Read())
        {
            return false;
        }

        start = (int)reader.TokenStartIndex;
        return reader.TrySkip();
    }
}
