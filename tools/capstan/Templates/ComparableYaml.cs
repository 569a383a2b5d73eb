using System.Text.Json.Nodes;
using Capstan.Yaml;
using KubeTemplater.Templating;

namespace Capstan.Tool.Templates;

/// <summary>Two states of an object as YAML, without what differs anyhow, and without secrets.</summary>
internal static class ComparableYaml
{
    private const string Mask = "***";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    private static readonly string[] SecretFields = ["data", "stringData"];

    /// <summary>The texts of both; empty for one that is not there.</summary>
    public static (string Before, string After) Of(JsonObject? before, JsonObject? after)
    {
        Strip(before);
        Strip(after);
        if ((before ?? after) is { } either && either["kind"]?.ToString() == "Secret" && either["apiVersion"]?.ToString() == "v1")
        {
            foreach (var field in SecretFields)
            {
                Hide(before?[field] as JsonObject, after?[field] as JsonObject);
            }

            Hide(Only(before), Only(after), LastApplied);
        }

        return (Text(before), Text(after));
    }

    private static JsonObject? Only(JsonObject? value) => value?["metadata"]?["annotations"] as JsonObject;

    private static void Strip(JsonObject? value)
    {
        value?.Remove("status");
        foreach (var field in Manifest.ServerOwned)
        {
            (value?["metadata"] as JsonObject)?.Remove(field);
        }
    }

    /// <summary>Values that are the same look the same; of those that differ it is seen that they do.</summary>
    private static void Hide(JsonObject? before, JsonObject? after, string? only = null)
    {
        foreach (var name in (before ?? []).Concat(after ?? []).Select(member => member.Key).Distinct(StringComparer.Ordinal).ToList())
        {
            if (only is not null && name != only)
            {
                continue;
            }

            var differs = before?[name] is { } old && after?[name] is { } now && !JsonNode.DeepEquals(old, now);
            Set(before, name, differs ? $"{Mask} (before)" : Mask);
            Set(after, name, differs ? $"{Mask} (after)" : Mask);
        }

        static void Set(JsonObject? map, string name, string value)
        {
            if (map?.ContainsKey(name) == true)
            {
                map[name] = value;
            }
        }
    }

    private static string Text(JsonObject? value) => value is null ? "" : YamlWriter.Write(value);
}
