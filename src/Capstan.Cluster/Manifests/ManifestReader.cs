using System.Text.Json.Nodes;
using Capstan.Yaml;

namespace Capstan.Cluster.Manifests;

/// <summary>Manifests, as people write them, to objects.</summary>
public static class ManifestReader
{
    /// <summary>Reads all documents of a YAML or JSON text; the items of a <c>List</c> count as documents.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Where it came from, for messages: a file's path.</param>
    /// <exception cref="YamlFormatException">The text does not parse; the message begins <c>source:line:column</c>.</exception>
    /// <exception cref="FormatException">A document is no Kubernetes object; the message names source and document.</exception>
    public static IReadOnlyList<DynamicObject> Read(string text, string source)
    {
        var documents = YamlReader.ReadAll(text, source);
        var objects = new List<DynamicObject>(documents.Count);
        for (var i = 0; i < documents.Count; i++)
        {
            Add(documents[i], $"{source}: document {i + 1}", objects);
        }

        return objects;
    }

    private static void Add(JsonNode? document, string place, List<DynamicObject> objects)
    {
        if (document is not JsonObject json)
        {
            throw new FormatException($"{place} is not an object");
        }

        if (Text(json["apiVersion"]) is not { Length: > 0 } || Text(json["kind"]) is not { Length: > 0 } kind)
        {
            throw new FormatException($"{place} has no apiVersion or no kind");
        }

        if (kind.EndsWith("List", StringComparison.Ordinal) && json["items"] is JsonArray items)
        {
            for (var i = 0; i < items.Count; i++)
            {
                Add(items[i], $"{place}, item {i + 1}", objects);
            }

            return;
        }

        if (Text((json["metadata"] as JsonObject)?["name"]) is not { Length: > 0 })
        {
            throw new FormatException($"{place} ({kind}) has no metadata.name");
        }

        objects.Add(DynamicObject.From(json));
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
