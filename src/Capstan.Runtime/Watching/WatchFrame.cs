using System.Text.Json;

namespace Capstan.Watching;

internal enum WatchFrameType
{
    Unknown,
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
}

/// <summary>One line of a watch.</summary>
internal readonly struct WatchFrame
{
    public WatchFrameType Type { get; private init; }

    /// <summary>Of Added, Modified and Deleted.</summary>
    public DynamicObject? Object { get; private init; }

    /// <summary>Of all but Error.</summary>
    public string ResourceVersion { get; private init; }

    /// <summary>Of Bookmark: the first state is told.</summary>
    public bool EndsInitialEvents { get; private init; }

    /// <summary>Of Error.</summary>
    public ApiStatus? Status { get; private init; }

    /// <summary>Reads a line; the object is copied out of it.</summary>
    /// <remarks>What the object is follows from the type alone: a watched kind may well be called Status.</remarks>
    /// <exception cref="JsonException">The line is not an event of the API.</exception>
    public static WatchFrame Read(ReadOnlySpan<byte> json, ObjectDecoder decoder)
    {
        if (ReadUsual(json, decoder) is { } usual)
        {
            return usual;
        }

        var frame = Split(json, out var value);
        if (value.IsEmpty)
        {
            throw new JsonException("a watch event without object");
        }

        switch (frame)
        {
            case WatchFrameType.Added or WatchFrameType.Modified or WatchFrameType.Deleted:
                var read = decoder.Read(value);
                return new() { Type = frame, Object = read, ResourceVersion = Version(read) };
            case WatchFrameType.Bookmark:
                var mark = DynamicObject.CopyFrom(value, decoder.Type);
                return new()
                {
                    Type = frame,
                    ResourceVersion = Version(mark),
                    EndsInitialEvents = mark.Annotations.TryGetValue("k8s.io/initial-events-end", out var end) && end == "true",
                };
            case WatchFrameType.Error:
                var status = JsonSerializer.Deserialize(value, ObjectsJson.Default.ApiStatus) ?? new ApiStatus();
                return new() { Type = frame, ResourceVersion = "", Status = status };
            default:
                return new() { ResourceVersion = "" };
        }
    }

    private static string Version(DynamicObject value) =>
        value.ResourceVersion is { Length: > 0 } version ? version : throw new JsonException("an object of a watch without resourceVersion");

    /// <summary>Reads an event as servers write them: the object is what stands between the type and the last brace, so that the line is read once. Null: another
    /// form, or something is wrong with it.</summary>
    private static WatchFrame? ReadUsual(ReadOnlySpan<byte> json, ObjectDecoder decoder)
    {
        var line = json.TrimEnd(" \t\r"u8);
        var (type, start) = line.StartsWith("""{"type":"ADDED","object":{"""u8) ? (WatchFrameType.Added, """{"type":"ADDED","object":"""u8.Length)
            : line.StartsWith("""{"type":"MODIFIED","object":{"""u8) ? (WatchFrameType.Modified, """{"type":"MODIFIED","object":"""u8.Length)
            : line.StartsWith("""{"type":"DELETED","object":{"""u8) ? (WatchFrameType.Deleted, """{"type":"DELETED","object":"""u8.Length)
            : (WatchFrameType.Unknown, 0);
        if (type == WatchFrameType.Unknown || !line.EndsWith("}}"u8))
        {
            return null;
        }

        try
        {
            var read = decoder.Read(line[start..^1]);
            return new() { Type = type, Object = read, ResourceVersion = Version(read) };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static WatchFrameType Split(ReadOnlySpan<byte> json, out ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1024 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("a watch event must be a JSON object");
        }

        var type = WatchFrameType.Unknown;
        value = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = TypeOf(ref reader);
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                value = json[start..(int)reader.BytesConsumed];
            }
            else
            {
                reader.Skip();
            }
        }

        return type;
    }

    private static WatchFrameType TypeOf(ref Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.String ? WatchFrameType.Unknown
        : reader.ValueTextEquals("ADDED"u8) ? WatchFrameType.Added
        : reader.ValueTextEquals("MODIFIED"u8) ? WatchFrameType.Modified
        : reader.ValueTextEquals("DELETED"u8) ? WatchFrameType.Deleted
        : reader.ValueTextEquals("BOOKMARK"u8) ? WatchFrameType.Bookmark
        : reader.ValueTextEquals("ERROR"u8) ? WatchFrameType.Error
        : WatchFrameType.Unknown;
}
