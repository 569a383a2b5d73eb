using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Http;

/// <summary>Objects as the bytes of an answer.</summary>
internal static class ObjectBytes
{
    /// <summary>A stored object in the version that is asked for: mostly its own bytes.</summary>
    public static ReadOnlyMemory<byte> InVersion(ServedResource served, StoredObject stored) => IsAsServed(served, stored) ? stored.Json : Of(Parse(served, stored));

    /// <summary>A stored object, parsed, in the version that is asked for.</summary>
    public static JsonObject Parse(ServedResource served, StoredObject stored)
    {
        var obj = ObjectJson.Parse(stored.Json);
        if (!IsAsServed(served, stored))
        {
            served.FromStorage(obj);
        }

        return obj;
    }

    /// <summary>Whether storing the object again would store the same: it lies in today's version and lacks nothing that reading adds.</summary>
    public static bool IsCurrent(ServedResource served, StoredObject stored) =>
        Ascii.Equals(stored.ApiVersion, served.StorageKind.ApiVersion)
        && (served.Rules.ReadsAsStored(stored.Revision) || IsUnchangedByReading(served, stored));

    private static bool IsUnchangedByReading(ServedResource served, StoredObject stored)
    {
        var read = ObjectJson.Parse(stored.Json);
        served.Rules.FromStorage(read);
        read["apiVersion"] = served.StorageKind.ApiVersion;
        return JsonNode.DeepEquals(read, ObjectJson.Parse(stored.Json));
    }

    /// <summary>Whether its own bytes are the object in the version that is asked for.</summary>
    public static bool IsAsServed(ServedResource served, StoredObject stored) =>
        Ascii.Equals(stored.ApiVersion, served.Type.ApiVersion) && served.Rules.ReadsAsStored(stored.Revision);

    public static byte[] Of(JsonNode node, bool pretty = false)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, pretty ? ObjectJson.Indented : ObjectJson.Compact))
        {
            node.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>JSON on one line, fields in the order in which they stand.</summary>
    public static string Text(JsonNode node) => Encoding.UTF8.GetString(Of(node));

    /// <summary>The metadata of an object as a meta.k8s.io PartialObjectMetadata.</summary>
    public static byte[] MetadataOnly(ReadOnlySpan<byte> json, string metaVersion)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, ObjectJson.Compact))
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, "PartialObjectMetadata"u8);
            writer.WriteString("apiVersion"u8, metaVersion);
            writer.WritePropertyName("metadata"u8);
            writer.WriteRawValue(MetadataOf(json), skipInputValidation: true);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A Status, fields in Kubernetes' order.</summary>
    public static byte[] Of(ApiStatus status, bool pretty)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, pretty ? ObjectJson.Indented : ObjectJson.Compact))
        {
            Write(writer, status);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(Utf8JsonWriter writer, ApiStatus status)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, status.Kind);
        writer.WriteString("apiVersion"u8, status.ApiVersion);
        writer.WritePropertyName("metadata"u8);
        if (status.Metadata is { } metadata)
        {
            metadata.WriteTo(writer);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
        }

        Text(writer, "status", status.Status);
        Text(writer, "message", status.Message);
        Text(writer, "reason", status.Reason);
        if (status.Details is { } details)
        {
            writer.WriteStartObject("details"u8);
            Text(writer, "name", details.Name);
            Text(writer, "group", details.Group);
            Text(writer, "kind", details.Kind);
            Text(writer, "uid", details.Uid);
            if (details.Causes is { Count: > 0 } causes)
            {
                writer.WriteStartArray("causes"u8);
                foreach (var cause in causes)
                {
                    writer.WriteStartObject();
                    Text(writer, "reason", cause.Reason);
                    Text(writer, "message", cause.Message);
                    Text(writer, "field", cause.Field);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            if (details.RetryAfterSeconds is { } seconds)
            {
                writer.WriteNumber("retryAfterSeconds"u8, seconds);
            }

            writer.WriteEndObject();
        }

        if (status.Code is { } code)
        {
            writer.WriteNumber("code"u8, code);
        }

        writer.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            writer.WriteString(name, value);
        }
    }

    private static ReadOnlySpan<byte> MetadataOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, ObjectJson.Reader);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (found)
            {
                return json[start..(int)reader.BytesConsumed];
            }
        }

        return "{}"u8;
    }
}
