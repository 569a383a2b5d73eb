using System.Text.Json;
using Capstan;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Tests;

/// <summary>Templates and policies in few words.</summary>
internal static class Given
{
    public static TemplateEntry Entry(string json, bool? replace = null, bool? referenced = null) =>
        new() { Object = JsonDocument.Parse(json).RootElement, Replace = replace, Referenced = referenced };

    public static KubeTemplate Template(params TemplateEntry[] entries) => new()
    {
        Metadata = new ObjectMeta { Name = "shop", Namespace = "blue", Uid = "11111111-2222-3333-4444-555555555555", Generation = 3 },
        Spec = new KubeTemplateSpec { Templates = [.. entries] },
    };

    public static PolicyRule Rule(string kind, string group, string version, params string[] targets) =>
        new() { Kind = kind, Group = group, Version = version, TargetNamespaces = [.. targets] };

    public static KubeTemplatePolicy Policy(params PolicyRule[] rules) => new()
    {
        Metadata = new ObjectMeta { Name = "team-blue", Namespace = "kubetemplater-system" },
        Spec = new KubeTemplatePolicySpec { SourceNamespace = "blue", ValidationRules = [.. rules] },
    };

    public static Manifest Manifest(string json, int index = 0) => KubeTemplater.Templating.Manifest.Read(index, Entry(json), "blue");
}
