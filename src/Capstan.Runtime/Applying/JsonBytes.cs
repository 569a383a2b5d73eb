using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Applying;

/// <summary>JSON trees as request bodies.</summary>
internal static class JsonBytes
{
    public static ReadOnlyMemory<byte> Of(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            node.WriteTo(writer);
        }

        return buffer.WrittenMemory;
    }
}
