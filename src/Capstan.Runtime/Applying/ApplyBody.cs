using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Applying;

/// <summary>What is sent to be applied: the wanted fields, of the type's version and kind, without managedFields.</summary>
internal readonly record struct ApplyBody(ObjectKey Key, ReadOnlyMemory<byte> Json)
{
    private const int KeptSize = 1024 * 1024;

    // Bodies are built where the last one was, and copied out once their length is known.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    public static ApplyBody Of(ResourceType type, JsonObject desired)
    {
        var metadata = desired["metadata"] as JsonObject;
        var buffer = _buffer ?? new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = 1024 }))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion"u8, type.ApiVersion);
            writer.WriteString("kind"u8, type.Kind);
            foreach (var (name, value) in desired)
            {
                if (name is "apiVersion" or "kind")
                {
                    continue;
                }

                writer.WritePropertyName(name);
                if (ReferenceEquals(value, metadata) && metadata is not null)
                {
                    WriteMetadata(writer, metadata);
                }
                else
                {
                    Write(writer, value);
                }
            }

            writer.WriteEndObject();
        }

        _buffer = buffer.Capacity <= KeptSize ? buffer : null;
        return new(new(Text(metadata, "namespace"), Text(metadata, "name")), buffer.WrittenSpan.ToArray());
    }

    public static ApplyBody Of<T>(T desired)
        where T : KubeObject, IKubeObject<T> =>
        new(desired.Key, DynamicObject.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(desired, T.JsonTypeInfo), T.Resource, withoutManagedFields: true).Json);

    private static void WriteMetadata(Utf8JsonWriter writer, JsonObject metadata)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in metadata)
        {
            if (name != "managedFields")
            {
                writer.WritePropertyName(name);
                Write(writer, value);
            }
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? value)
    {
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            value.WriteTo(writer);
        }
    }

    private static string Text(JsonObject? metadata, string name) => (string?)metadata?[name] ?? "";
}
