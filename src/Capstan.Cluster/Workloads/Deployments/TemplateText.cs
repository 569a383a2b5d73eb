using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>A template of pods as one text that is the same for the same template, whatever hash its labels name. Pure.</summary>
internal static class TemplateText
{
    public const string HashLabel = "pod-template-hash";

    public static string Of(PodTemplate template)
    {
        var json = JsonSerializer.SerializeToNode(template, KindsJson.Default.PodTemplate)!.AsObject();
        var metadata = json["metadata"]!.AsObject();
        if (metadata["labels"] is JsonObject labels)
        {
            labels.Remove(HashLabel);
        }

        // An object without labels, and one of no labels, are the same; elsewhere an empty object says something.
        foreach (var name in metadata.Where(static field => field.Value is JsonObject { Count: 0 }).Select(static field => field.Key).ToList())
        {
            metadata.Remove(name);
        }

        return Sorted(json)!.ToJsonString();
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields
            .Where(static field => field.Value is not (null or JsonArray { Count: 0 }))
            .OrderBy(static field => field.Key, StringComparer.Ordinal)
            .Select(static field => KeyValuePair.Create(field.Key, Sorted(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
