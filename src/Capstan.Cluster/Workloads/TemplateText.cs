using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.Hashes;

namespace Capstan.Cluster.Workloads;

/// <summary>A template of pods as one text that is the same for the same template, whatever hash its labels name. Pure.</summary>
internal static class TemplateText
{
    public const string HashLabel = "pod-template-hash";

    public static string Of(PodTemplate template)
    {
        var json = Fields(template);
        if (json["metadata"]?["labels"] is JsonObject labels)
        {
            labels.Remove(HashLabel);
        }

        return GoJson.Write(Plain(json));
    }

    /// <summary>The template as Kubernetes writes it: without fields that say nothing.</summary>
    public static JsonObject Plain(JsonObject template)
    {
        // An object without labels, and one of no labels, are the same; elsewhere an empty object says something.
        if (template["metadata"] is JsonObject metadata)
        {
            foreach (var name in metadata.Where(static field => field.Value is JsonObject { Count: 0 }).Select(static field => field.Key).ToList())
            {
                metadata.Remove(name);
            }
        }

        return Told(template)!.AsObject();
    }

    public static JsonObject Fields(PodTemplate template) => JsonSerializer.SerializeToNode(template, KindsJson.Default.PodTemplate)!.AsObject();

    private static JsonNode? Told(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields
            .Where(static field => field.Value is not (null or JsonArray { Count: 0 }))
            .Select(static field => KeyValuePair.Create(field.Key, Told(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Told)]),
        _ => node?.DeepClone(),
    };
}
