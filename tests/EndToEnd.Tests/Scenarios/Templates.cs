using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Testing;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Scenarios;

/// <summary>KubeTemplates that tests write, and how they wait for them.</summary>
internal static class Templates
{
    /// <summary>What the operator says, and of which spec: all that a wait needs to read, and to show when it fails.</summary>
    private const string Judgement = """jsonpath={"{\"generation\":"}{.metadata.generation}{",\"status\":"}{.status}{"}"}""";

    /// <summary>A template of any manifests (flow style YAML).</summary>
    public static string Of(string name, params string[] manifests) => $$"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplate
        metadata: {name: {{name}} }
        spec: {templates: [{{string.Join(", ", manifests.Select(manifest => $"{{object: {manifest}}}"))}}] }
        ---

        """;

    /// <summary>A ConfigMap to put in a template.</summary>
    public static string ConfigMap(string name) => $"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}, data: {{mode: slow}}}}";

    /// <summary>Many templates, each of some ConfigMaps.</summary>
    public static string Many(int count, int each, string prefix)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{i}");
            text.Append(Of(name, [.. Enumerable.Range(0, each).Select(j => ConfigMap($"{name}-{j}"))]));
        }

        return text.ToString();
    }

    /// <summary>Waits until the operator has judged the present spec of a template, and gives its status.</summary>
    public static async Task<JsonObject> JudgedAsync(this Kubectl kubectl, string name, string phase)
    {
        var judged = await Eventually.SeeAsync(
            $"{kubectl.Namespace}/{name} to be {phase}",
            async _ => JsonNode.Parse(await kubectl.DoAsync("get", "kubetemplate", name, "-o", Judgement))!.AsObject(),
            template => (string?)template["status"]?["processingPhase"] == phase
                && (long?)template["status"]?["observedGeneration"] == (long?)template["generation"],
            cancellationToken: TestContext.Current.CancellationToken);
        return judged["status"]!.AsObject();
    }

    /// <summary>Waits until all templates of the namespace are Completed.</summary>
    public static Task AllCompletedAsync(this Kubectl kubectl, int count, TimeSpan within) => Eventually.SeeAsync(
        $"{count} templates of {kubectl.Namespace} to be Completed",
        async _ =>
        {
            var phases = await kubectl.DoAsync("get", "kubetemplates", "-o", "jsonpath={range .items[*]}{.status.processingPhase}{\"\\n\"}{end}");
            return phases.Split('\n').CountBy(phase => phase).ToDictionary();
        },
        phases => phases.Count == 1 && phases.GetValueOrDefault("Completed") == count,
        within,
        TestContext.Current.CancellationToken);
}
