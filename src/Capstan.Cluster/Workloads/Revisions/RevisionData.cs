using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.Hashes;

namespace Capstan.Cluster.Workloads.Revisions;

/// <summary>What a revision keeps of a workload: its template, as a patch that puts it back. Pure.</summary>
internal static class RevisionData
{
    private const int PrefixLength = 223;

    public static JsonObject Of(PodTemplate of)
    {
        var template = TemplateText.Plain(TemplateText.Fields(of));
        template["$patch"] = "replace";
        return new() { ["spec"] = new JsonObject { ["template"] = template } };
    }

    public static string Text(JsonObject? data) => GoJson.Write(data);

    public static string Name(KubeObject set, string hash) => $"{set.Key.Name[..Math.Min(set.Key.Name.Length, PrefixLength)]}-{hash}";

    /// <exception cref="JsonException">Somebody else wrote the data.</exception>
    public static PodTemplate TemplateOf(ControllerRevision revision)
    {
        if (revision.Data?["spec"]?["template"] is not JsonObject template)
        {
            throw new JsonException($"the data of revision {revision.Key} has no template");
        }

        var plain = template.DeepClone().AsObject();
        plain.Remove("$patch");
        return plain.Deserialize(KindsJson.Default.PodTemplate)!;
    }
}
