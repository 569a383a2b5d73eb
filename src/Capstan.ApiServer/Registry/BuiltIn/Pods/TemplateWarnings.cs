using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>What is told of the templates of pods in the objects of all kinds that have one.</summary>
internal static class TemplateWarnings
{
    private static readonly Dictionary<(string Group, string Kind), string[]> Templates = new()
    {
        [("", "PodTemplate")] = ["template"],
        [("", "ReplicationController")] = ["spec", "template"],
        [("apps", "DaemonSet")] = ["spec", "template"],
        [("apps", "Deployment")] = ["spec", "template"],
        [("apps", "ReplicaSet")] = ["spec", "template"],
        [("apps", "StatefulSet")] = ["spec", "template"],
        [("batch", "CronJob")] = ["spec", "jobTemplate", "spec", "template"],
        [("batch", "Job")] = ["spec", "template"],
    };

    /// <summary>Adds the texts, unless it is a change that does not concern what is wanted.</summary>
    /// <param name="served">The resource.</param>
    /// <param name="obj">The object as it is to be.</param>
    /// <param name="old">The object as it is; null of a new one.</param>
    /// <param name="subresource">Empty for the object itself; others have no warnings.</param>
    /// <param name="warnings">Receives the texts.</param>
    public static void Add(ServedResource served, JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings)
    {
        if (served.IsCustom || subresource.Length > 0 || !Templates.TryGetValue((served.Type.Group, served.Type.Kind), out var path)
            || (old is not null && obj.Number("metadata", "generation") == old.Number("metadata", "generation")))
        {
            return;
        }

        var template = path.Aggregate(new Place(obj, "", served.Schema, []), (place, field) => place[field]);
        if (template.Exists)
        {
            PodWarnings.OfTemplate(template, warnings);
        }
    }
}
