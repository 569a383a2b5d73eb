using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using KubeTemplater.Resources;

namespace KubeTemplater.Templating;

/// <summary>Recognises a spec: equal specs have equal hashes whatever the order of their fields.</summary>
internal static class SpecHash
{
    /// <summary>SHA-256 of the spec as JSON with sorted field names, in lower-case hex.</summary>
    public static string Of(KubeTemplateSpec spec)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            WriteSorted(writer, JsonSerializer.SerializeToElement(spec, ResourcesJson.Default.KubeTemplateSpec));
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    private static void WriteSorted(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var field in value.EnumerateObject().OrderBy(f => f.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(field.Name);
                    WriteSorted(writer, field.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteSorted(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
