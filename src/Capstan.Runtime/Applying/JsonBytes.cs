using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Applying;

/// <summary>Request bodies of JSON, written where the last one was and copied out once their length is known.</summary>
internal static class JsonBytes
{
    private const int KeptSize = 1024 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _free;

    /// <summary>A tree.</summary>
    public static ReadOnlyMemory<byte> Of(JsonNode node) => Of(node, static (writer, tree) => tree.WriteTo(writer));

    /// <summary>What <paramref name="write"/> writes.</summary>
    public static ReadOnlyMemory<byte> Of<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        var buffer = _free ?? new(4096);
        _free = null;
        buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(buffer, new() { MaxDepth = 1024 }))
        {
            write(writer, state);
        }

        var body = buffer.WrittenSpan.ToArray();
        _free = buffer.Capacity <= KeptSize ? buffer : null;
        return body;
    }
}
