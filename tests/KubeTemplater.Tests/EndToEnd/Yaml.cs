namespace KubeTemplater.Tests.EndToEnd;

/// <summary>Manifests in few words.</summary>
internal static class Yaml
{
    public static string Template(string ns, string name, string spec) => $$"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplate
        metadata: {name: {{name}}, namespace: {{ns}}}
        spec: {{{spec}}}
        """;

    public static string Entries(params string[] entries) => $"templates: [{string.Join(", ", entries.Select(entry => $"{{{entry}}}"))}]";

    public static string ConfigMap(string name, string value = "1", string? ns = null) =>
        $"object: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}{(ns is null ? "" : $", namespace: {ns}")}}}, data: {{x: \"{value}\"}}}}";

    /// <summary>Rules that allow a kind, in full, in some namespaces.</summary>
    public static string Allow(string targets, params string[] kinds) =>
        $"[{string.Join(", ", kinds.Select(kind => kind.Split('/')).Select(k => $"{{kind: {k[^1]}, group: \"{(k.Length > 2 ? k[0] : "")}\", version: {k[^2]}, targetNamespaces: [{targets}]}}"))}]";
}
