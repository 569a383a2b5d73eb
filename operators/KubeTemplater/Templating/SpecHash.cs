using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KubeTemplater.Resources;

namespace KubeTemplater.Templating;

/// <summary>Recognises a spec: equal specs have equal hashes whatever the order of their fields.</summary>
internal static class SpecHash
{
    private const int KeptSize = 1024 * 1024;

    // Of an object that is longer a sort proper makes less work.
    private const int MostInPlace = 16;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _written, _sorted;

    /// <summary>SHA-256 of the spec as JSON with sorted field names, in lower-case hex.</summary>
    public static string Of(KubeTemplateSpec spec)
    {
        var written = Taken(ref _written);
        using (var writer = new Utf8JsonWriter(written, new() { MaxDepth = 1024 }))
        {
            JsonSerializer.Serialize(writer, spec, ResourcesJson.Default.KubeTemplateSpec);
        }

        var sorted = Taken(ref _sorted);
        using (var document = JsonDocument.Parse(written.WrittenMemory, new() { MaxDepth = 1024 }))
        using (var writer = new Utf8JsonWriter(sorted, new() { MaxDepth = 1024 }))
        {
            WriteSorted(writer, document.RootElement);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(sorted.WrittenSpan, hash);
        _written = written.Capacity <= KeptSize ? written : null;
        _sorted = sorted.Capacity <= KeptSize ? sorted : null;
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>The thread's buffer, which is not taken twice.</summary>
    private static ArrayBufferWriter<byte> Taken(ref ArrayBufferWriter<byte>? kept)
    {
        var buffer = kept ?? new(4096);
        kept = null;
        buffer.ResetWrittenCount();
        return buffer;
    }

    private static void WriteSorted(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                if (IsSorted(value))
                {
                    foreach (var field in value.EnumerateObject())
                    {
                        writer.WritePropertyName(JsonMarshal.GetRawUtf8PropertyName(field));
                        WriteSorted(writer, field.Value);
                    }
                }
                else
                {
                    WriteInOrder(writer, value);
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

    private static void WriteInOrder(Utf8JsonWriter writer, JsonElement value)
    {
        var count = value.GetPropertyCount();
        if (count > MostInPlace)
        {
            foreach (var field in value.EnumerateObject().OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                writer.WritePropertyName(field.Name);
                WriteSorted(writer, field.Value);
            }

            return;
        }

        // Few, as those of most objects are: put in order where they stand, with nothing made for it but their names.
        var fields = ArrayPool<(string Name, JsonElement Value)>.Shared.Rent(MostInPlace);
        var length = 0;
        foreach (var field in value.EnumerateObject())
        {
            var name = field.Name;
            var at = length++;
            for (; at > 0 && string.CompareOrdinal(fields[at - 1].Name, name) > 0; at--)
            {
                fields[at] = fields[at - 1];
            }

            fields[at] = (name, field.Value);
        }

        foreach (var (name, member) in fields.AsSpan(0, length))
        {
            writer.WritePropertyName(name);
            WriteSorted(writer, member);
        }

        ArrayPool<(string Name, JsonElement Value)>.Shared.Return(fields, clearArray: true);
    }

    /// <summary>Whether the names are in order as they are written, as those of objects that a server has are. Of names with escapes, or other letters than ASCII's, that is not looked for.</summary>
    private static bool IsSorted(JsonElement value)
    {
        var before = default(ReadOnlySpan<byte>);
        foreach (var field in value.EnumerateObject())
        {
            var name = JsonMarshal.GetRawUtf8PropertyName(field);
            if (!Ascii.IsValid(name) || name.Contains((byte)'\\') || (!before.IsEmpty && before.SequenceCompareTo(name) > 0))
            {
                return false;
            }

            before = name;
        }

        return true;
    }
}
