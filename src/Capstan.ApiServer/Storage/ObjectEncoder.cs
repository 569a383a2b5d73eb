using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Storage;

/// <summary>Writes an object as it is stored: kind and apiVersion first, an empty place for the resourceVersion, nothing twice.</summary>
internal static class ObjectEncoder
{
    // The order in which people expect to read metadata; what is not here follows in its own order.
    private static readonly string[] BeforeVersion = ["name", "generateName", "namespace"];

    private static readonly string[] AfterVersion =
    [
        "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields",
    ];

    /// <summary>Encodes <paramref name="obj"/>, which must have apiVersion, kind and metadata with a name.</summary>
    public static EncodedObject Encode(JsonObject obj)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, ObjectJson.Stored);
        writer.WriteStartObject();
        writer.WriteString("kind"u8, (string?)obj["kind"]);
        writer.WriteString("apiVersion"u8, (string?)obj["apiVersion"]);
        var metadata = obj["metadata"] as JsonObject ?? throw new ArgumentException("an object without metadata cannot be stored", nameof(obj));
        writer.WriteStartObject("metadata"u8);
        WriteKnown(writer, metadata, BeforeVersion);
        var uidAt = 0;
        if (metadata["uid"] is { } uid)
        {
            writer.WritePropertyName("uid"u8);
            writer.Flush();
            uidAt = buffer.WrittenCount;
            uid.WriteTo(writer);
        }

        writer.WriteString("resourceVersion"u8, ""u8);
        writer.Flush();
        var versionAt = buffer.WrittenCount - 1;
        WriteKnown(writer, metadata, AfterVersion);
        foreach (var (name, value) in metadata)
        {
            if (name is not ("uid" or "resourceVersion") && Array.IndexOf(BeforeVersion, name) < 0 && Array.IndexOf(AfterVersion, name) < 0)
            {
                Write(writer, name, value);
            }
        }

        writer.WriteEndObject();
        foreach (var (name, value) in obj)
        {
            if (name is not ("apiVersion" or "kind" or "metadata"))
            {
                Write(writer, name, value);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        var key = new ObjectKey((string?)metadata["namespace"] ?? "", (string?)metadata["name"] ?? "");
        return new EncodedObject(buffer.WrittenSpan.ToArray(), new ObjectFacts(key, versionAt, uidAt, Labels(metadata)));
    }

    private static void WriteKnown(Utf8JsonWriter writer, JsonObject metadata, string[] names)
    {
        foreach (var name in names)
        {
            if (metadata[name] is { } value)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, JsonNode? value)
    {
        writer.WritePropertyName(name);
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            value.WriteTo(writer);
        }
    }

    private static LabelSet? Labels(JsonObject metadata)
    {
        var texts = new List<string>();
        if (metadata["labels"] is JsonObject given)
        {
            foreach (var (name, value) in given)
            {
                texts.Add(name);
                texts.Add((string?)value ?? "");
            }
        }

        return LabelSet.Of(texts);
    }
}
