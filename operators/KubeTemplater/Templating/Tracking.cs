using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Capstan;

namespace KubeTemplater.Templating;

/// <summary>The labels by which an object names the KubeTemplate that made it.</summary>
internal static class Tracking
{
    /// <summary>Label: name of the KubeTemplate, shortened by <see cref="LabelValue"/> where it does not fit.</summary>
    public const string NameLabel = "kubetemplater.io/template-name";

    /// <summary>Label: namespace of the KubeTemplate.</summary>
    public const string NamespaceLabel = "kubetemplater.io/template-namespace";

    /// <summary>Annotation: <c>namespace/name</c> in full, only where the label was shortened.</summary>
    public const string FullNameAnnotation = "kubetemplater.io/template";

    // Kubernetes' limit of label values; object names may have 253 characters.
    private const int MaxLabelLength = 63;
    private const int HashLength = 10;

    /// <summary>Writes an object's labels: those of the manifest, and ours over whatever it has there.</summary>
    public static void WriteLabels(Utf8JsonWriter writer, JsonElement labels, ObjectKey template)
    {
        writer.WriteStartObject("labels"u8);
        WriteOthers(writer, labels, NameLabel, NamespaceLabel);
        writer.WriteString(NameLabel, LabelValue(template.Name));
        writer.WriteString(NamespaceLabel, template.Namespace);
        writer.WriteEndObject();
    }

    /// <summary>Writes an object's annotations: those of the manifest, and the template's name in full.</summary>
    public static void WriteAnnotations(Utf8JsonWriter writer, JsonElement annotations, ObjectKey template)
    {
        writer.WriteStartObject("annotations"u8);
        WriteOthers(writer, annotations, FullNameAnnotation, FullNameAnnotation);
        writer.WriteString(FullNameAnnotation, template.ToString());
        writer.WriteEndObject();
    }

    /// <summary>Whether the name of a template does not fit into the label.</summary>
    public static bool NeedsFullName(ObjectKey template) => template.Name.Length > MaxLabelLength;

    /// <summary>Whether an object carries this template's labels.</summary>
    public static bool Marks(IReadOnlyDictionary<string, string>? labels, ObjectKey template) =>
        labels is not null
        && labels.TryGetValue(NameLabel, out var name) && name == LabelValue(template.Name)
        && labels.TryGetValue(NamespaceLabel, out var ns) && ns == template.Namespace;

    /// <summary>A name as a label value: itself, or where it is too long its beginning and a hash of the whole.</summary>
    public static string LabelValue(string name)
    {
        if (name.Length <= MaxLabelLength)
        {
            return name;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLength];
        return $"{name[..(MaxLabelLength - HashLength - 1)].TrimEnd('.', '-')}-{hash}";
    }

    private static void WriteOthers(Utf8JsonWriter writer, JsonElement map, string ours, string oursToo)
    {
        if (map.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var member in map.EnumerateObject())
        {
            if (!member.NameEquals(ours) && !member.NameEquals(oursToo))
            {
                member.WriteTo(writer);
            }
        }
    }
}
