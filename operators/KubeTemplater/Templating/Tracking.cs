using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
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

    /// <summary>Writes the labels over whatever the manifest has there.</summary>
    public static void Mark(JsonObject metadata, ObjectKey template)
    {
        var labels = Map(metadata, "labels");
        labels[NameLabel] = LabelValue(template.Name);
        labels[NamespaceLabel] = template.Namespace;
        if (template.Name.Length > MaxLabelLength)
        {
            Map(metadata, "annotations")[FullNameAnnotation] = template.ToString();
        }
    }

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

    private static JsonObject Map(JsonObject metadata, string field)
    {
        if (metadata[field] is not JsonObject map)
        {
            metadata[field] = map = [];
        }

        return map;
    }
}
