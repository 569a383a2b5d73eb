using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using KubeTemplater.Resources;

namespace KubeTemplater.Templating;

/// <summary>The object to apply: as written, in its namespace, with the tracking labels, and owned by the template where asked for and possible.</summary>
/// <remarks>An owner in another namespace would look absent to the garbage collector, which would then delete the object;
/// so <c>referenced</c> has an effect only inside the template's own namespace.</remarks>
internal static class ManifestBody
{
    private const int KeptSize = 256 * 1024;

    // Bodies are written where the last one was, and copied out once their length is known.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    /// <summary>The object as UTF-8 JSON.</summary>
    /// <param name="manifest">The entry.</param>
    /// <param name="template">Its template.</param>
    /// <param name="namespaced">Whether objects of the kind live in a namespace.</param>
    /// <param name="uid">Of the only object that may be meant; null means whichever has the name.</param>
    public static ReadOnlyMemory<byte> Of(Manifest manifest, KubeTemplate template, bool namespaced, string? uid = null)
    {
        var buffer = _buffer ?? new(4096);
        buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(buffer, new() { MaxDepth = 1024, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            foreach (var member in manifest.Entry.Object.EnumerateObject())
            {
                if (member.NameEquals("metadata"u8))
                {
                    writer.WriteStartObject("metadata"u8);
                    WriteMetadata(writer, member.Value, manifest, template, namespaced);
                    if (uid is not null)
                    {
                        writer.WriteString("uid"u8, uid);
                    }

                    writer.WriteEndObject();
                }
                else
                {
                    member.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        _buffer = buffer.Capacity <= KeptSize ? buffer : null;
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteMetadata(Utf8JsonWriter writer, JsonElement metadata, Manifest manifest, KubeTemplate template, bool namespaced)
    {
        var isOwned = manifest.Entry.Referenced == true && namespaced && manifest.Key.Namespace == template.Metadata.Namespace;
        var needsFullName = Tracking.NeedsFullName(template.Key);
        foreach (var member in metadata.EnumerateObject())
        {
            if (!IsServerOwned(member) && !member.NameEquals("namespace"u8) && !member.NameEquals("labels"u8)
                && !(isOwned && member.NameEquals("ownerReferences"u8)) && !(needsFullName && member.NameEquals("annotations"u8)))
            {
                member.WriteTo(writer);
            }
        }

        if (namespaced)
        {
            writer.WriteString("namespace"u8, manifest.Key.Namespace);
        }

        Tracking.WriteLabels(writer, Below(metadata, "labels"u8), template.Key);
        if (needsFullName)
        {
            Tracking.WriteAnnotations(writer, Below(metadata, "annotations"u8), template.Key);
        }

        if (isOwned)
        {
            WriteOwners(writer, Below(metadata, "ownerReferences"u8), template);
        }
    }

    private static void WriteOwners(Utf8JsonWriter writer, JsonElement others, KubeTemplate template)
    {
        writer.WriteStartArray("ownerReferences"u8);
        if (others.ValueKind == JsonValueKind.Array)
        {
            foreach (var other in others.EnumerateArray())
            {
                other.WriteTo(writer);
            }
        }

        writer.WriteStartObject();
        writer.WriteString("apiVersion"u8, KubeTemplate.Resource.ApiVersion);
        writer.WriteString("kind"u8, KubeTemplate.Resource.Kind);
        writer.WriteString("name"u8, template.Metadata.Name);
        writer.WriteString("uid"u8, template.Metadata.Uid);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static JsonElement Below(JsonElement metadata, ReadOnlySpan<byte> name) => metadata.TryGetProperty(name, out var found) ? found : default;

    private static bool IsServerOwned(JsonProperty member)
    {
        foreach (var name in Manifest.ServerOwned)
        {
            if (member.NameEquals(name))
            {
                return true;
            }
        }

        return false;
    }
}
