using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cluster.Node.Containers;

namespace Capstan.Cluster.Node.Environments;

/// <summary>Reads Secrets and ConfigMaps for pods, in a kubelet's words when they are not there.</summary>
internal sealed class ConfigReader(KubeClient client)
{
    private static readonly ResourceType Secrets = new("", "v1", "Secret", "secrets", Namespaced: true);
    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);

    /// <summary>All of a Secret's or ConfigMap's keys; null if it is not there.</summary>
    public async Task<Dictionary<string, byte[]>?> FindAsync(ConfigKind kind, ObjectKey key, CancellationToken cancellationToken)
    {
        if (key.Name.Length == 0 || await client.FindAsync(kind == ConfigKind.Secret ? Secrets : ConfigMaps, key, cancellationToken) is not { } found)
        {
            return null;
        }

        var json = found.ToJson();
        var values = new Dictionary<string, byte[]>();
        foreach (var (name, value) in json["data"] as JsonObject ?? [])
        {
            values[name] = kind == ConfigKind.Secret ? Convert.FromBase64String((string?)value ?? "") : Encoding.UTF8.GetBytes((string?)value ?? "");
        }

        foreach (var (name, value) in json["binaryData"] as JsonObject ?? [])
        {
            values[name] = Convert.FromBase64String((string?)value ?? "");
        }

        return values;
    }

    /// <summary>As the other; that it is not there is an error unless it is optional.</summary>
    /// <exception cref="ContainerConfigException">It is not there.</exception>
    public async Task<Dictionary<string, byte[]>?> ReadAsync(ConfigKind kind, ObjectKey key, bool optional, CancellationToken cancellationToken) =>
        await FindAsync(kind, key, cancellationToken)
            ?? (optional ? null : throw new ContainerConfigException($"{(kind == ConfigKind.Secret ? "secret" : "configmap")} \"{key.Name}\" not found"));
}

/// <summary>The two kinds that hold configuration.</summary>
internal enum ConfigKind
{
    Secret,
    ConfigMap,
}
