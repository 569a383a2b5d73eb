using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Profiles of AppArmor that stand in annotations of a new pod, as they once did, are written into its containers.</summary>
internal static class AppArmorAnnotations
{
    private const string Prefix = "container.apparmor.security.beta.kubernetes.io/";
    private const string Localhost = "localhost/";

    /// <summary>Writes them, and tells of each that it is deprecated.</summary>
    public static void Apply(JsonObject pod, ICollection<string> warnings)
    {
        if (pod.Map("metadata", "annotations") is not { } annotations || pod.Text("spec", "os", "name") == "windows")
        {
            return;
        }

        var ofPod = pod.At("spec", "securityContext", "appArmorProfile");
        foreach (var container in Checks.PodScope.ContainerLists.SelectMany(list => pod.Items("spec", list)).OfType<JsonObject>())
        {
            var key = Prefix + container.Text("name");
            if (annotations.Text(key) is not { } annotation || container.At("securityContext", "appArmorProfile") is not null)
            {
                continue;
            }

            var profile = ProfileOf(annotation);
            if (profile is null || !JsonNode.DeepEquals(profile, ofPod))
            {
                if (profile is not null)
                {
                    container.GetOrAddMap("securityContext")!["appArmorProfile"] = profile;
                }

                warnings.Add($"metadata.annotations[{key}]: deprecated since v1.30; use the \"appArmorProfile\" field instead");
            }
        }
    }

    private static JsonObject? ProfileOf(string annotation) => annotation switch
    {
        "unconfined" => new() { ["type"] = "Unconfined" },
        "runtime/default" => new() { ["type"] = "RuntimeDefault" },
        _ when annotation.StartsWith(Localhost, StringComparison.Ordinal) && annotation[Localhost.Length..] is { Length: > 0 } name && name.Trim() == name =>
            new() { ["type"] = "Localhost", ["localhostProfile"] = name },
        _ => null,
    };
}
