using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Applying;

/// <summary>The status of an object as it is written: of the rest, which may be large, nothing is read.</summary>
/// <remarks>Belongs to the thread that made it, which disposes it.</remarks>
internal readonly struct StatusText : IDisposable
{
    private const int KeptSize = 1024 * 1024;

    private static readonly JsonElement _none = JsonDocument.Parse("{}"u8.ToArray()).RootElement;

    // Two at once, before and after: each is written where one was before.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _free, _free2;

    private readonly ArrayBufferWriter<byte> _buffer;
    private readonly JsonDocument? _document;

    private StatusText(ArrayBufferWriter<byte> buffer, JsonDocument? document) => (_buffer, _document) = (buffer, document);

    /// <summary>The status; empty if there is none, or what is there is no object.</summary>
    public JsonElement Status => _document?.RootElement is { ValueKind: JsonValueKind.Object } status ? status : _none;

    public static StatusText Of<T>(T value)
        where T : KubeObject, IKubeObject<T>
    {
        var buffer = Take();
        using (var writer = new Utf8JsonWriter(buffer, new() { MaxDepth = 1024, SkipValidation = true }))
        {
            JsonSerializer.Serialize(writer, value, T.JsonTypeInfo);
        }

        return new(buffer, Find(buffer.WrittenMemory) is { Length: > 0 } found ? Parse(found) : null);
    }

    public static StatusText Of(JsonObject? status)
    {
        var buffer = Take();
        if (status is null)
        {
            return new(buffer, null);
        }

        using (var writer = new Utf8JsonWriter(buffer, new() { MaxDepth = 1024, SkipValidation = true }))
        {
            status.WriteTo(writer);
        }

        return new(buffer, Parse(buffer.WrittenMemory));
    }

    public void Dispose()
    {
        _document?.Dispose();
        if (_buffer.Capacity > KeptSize)
        {
            return;
        }

        if (_free is null)
        {
            _free = _buffer;
        }
        else
        {
            _free2 = _buffer;
        }
    }

    private static ArrayBufferWriter<byte> Take()
    {
        var buffer = _free ?? _free2 ?? new(4096);
        if (ReferenceEquals(buffer, _free))
        {
            _free = null;
        }
        else
        {
            _free2 = null;
        }

        buffer.ResetWrittenCount();
        return buffer;
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> json) => JsonDocument.Parse(json, new() { MaxDepth = 1024 });

    /// <summary>Where the status is; empty if there is none. The last wins, as everywhere in Kubernetes.</summary>
    private static ReadOnlyMemory<byte> Find(ReadOnlyMemory<byte> json)
    {
        var found = default(ReadOnlyMemory<byte>);
        var reader = new Utf8JsonReader(json.Span, new() { MaxDepth = 1024 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals("status"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isIt)
            {
                found = json[start..(int)reader.BytesConsumed];
            }
        }

        return found;
    }
}
