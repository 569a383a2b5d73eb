using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Environments;
using Capstan.Cluster.Node.Pods;

namespace Capstan.Cluster.Node.Volumes;

/// <summary>The files of volumes that are made of objects: Secret, ConfigMap, what a pod knows of itself, tokens, and those together.</summary>
internal sealed class VolumeFiles(ConfigReader config, PodTokens tokens)
{
    private const int DefaultMode = 0x1a4;

    private static readonly string[] Sources = ["secret", "configMap", "downwardAPI", "projected"];

    /// <summary>Whether a volume is of this sort.</summary>
    public static bool Has(JsonObject volume) => Sources.Any(volume.ContainsKey);

    /// <summary>The files as of now.</summary>
    /// <exception cref="VolumeException">Something is not there that must be.</exception>
    public async Task<IReadOnlyList<VolumeFile>> ReadAsync(PodRecord pod, JsonObject volume, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, VolumeFile>();
        try
        {
            if (volume["projected"] is JsonObject projected)
            {
                foreach (var source in projected["sources"] as JsonArray ?? [])
                {
                    await AddAsync(pod, source!.AsObject(), Mode(projected) ?? DefaultMode, files, cancellationToken);
                }
            }
            else
            {
                var (_, value) = volume.First(member => Sources.Contains(member.Key));
                await AddAsync(pod, volume, Mode(value) ?? DefaultMode, files, cancellationToken);
            }
        }
        catch (ContainerConfigException lack)
        {
            throw new VolumeException(lack.Message);
        }

        return [.. files.Values];
    }

    private async Task AddAsync(PodRecord pod, JsonObject source, int mode, Dictionary<string, VolumeFile> files, CancellationToken cancellationToken)
    {
        if (source["secret"] is JsonObject secret)
        {
            await AddKeysAsync(pod, ConfigKind.Secret, secret, (string?)secret["secretName"] ?? (string?)secret["name"], mode, files, cancellationToken);
        }
        else if (source["configMap"] is JsonObject map)
        {
            await AddKeysAsync(pod, ConfigKind.ConfigMap, map, (string?)map["name"], mode, files, cancellationToken);
        }
        else if (source["downwardAPI"] is JsonObject downward)
        {
            foreach (var item in downward["items"] as JsonArray ?? [])
            {
                var value = (string?)item?["fieldRef"]?["fieldPath"] is { } path ? PodFields.Read(pod, path)
                    : PodFields.Read(pod, ResourceOf(item?["resourceFieldRef"]), "");
                Add(files, (string?)item?["path"], Encoding.UTF8.GetBytes(value), Mode(item, "mode") ?? mode);
            }
        }
        else if (source["serviceAccountToken"] is JsonObject token)
        {
            var bytes = await tokens.ReadAsync(pod, (string?)token["audience"], (long?)token["expirationSeconds"] ?? 3600, cancellationToken);
            Add(files, (string?)token["path"], bytes, 0x180);
        }
    }

    private async Task AddKeysAsync(
        PodRecord pod, ConfigKind kind, JsonObject source, string? name, int mode, Dictionary<string, VolumeFile> files, CancellationToken cancellationToken)
    {
        var optional = (bool?)source["optional"] == true;
        if (await config.ReadAsync(kind, new(pod.Key.Namespace, name ?? ""), optional, cancellationToken) is not { } values)
        {
            return;
        }

        if (source["items"] is not JsonArray items)
        {
            foreach (var (key, value) in values)
            {
                Add(files, key, value, mode);
            }

            return;
        }

        foreach (var item in items)
        {
            var key = (string?)item?["key"] ?? "";
            if (values.TryGetValue(key, out var value))
            {
                Add(files, (string?)item?["path"], value, Mode(item, "mode") ?? mode);
            }
            else if (!optional)
            {
                throw new VolumeException($"references non-existent {(kind == ConfigKind.Secret ? "secret" : "config")} key: {key}");
            }
        }
    }

    private static void Add(Dictionary<string, VolumeFile> files, string? path, byte[] content, int mode)
    {
        if (string.IsNullOrEmpty(path) || path.StartsWith("..", StringComparison.Ordinal))
        {
            throw new VolumeException($"invalid path of a file in a volume: {path}");
        }

        files[path] = new(path, content, mode);
    }

    private static ResourceReference ResourceOf(JsonNode? reference) => new()
    {
        ContainerName = (string?)reference?["containerName"], Resource = (string?)reference?["resource"] ?? "",
        Divisor = Quantity.TryParse((string?)reference?["divisor"], out var divisor, out _) ? divisor : null,
    };

    private static int? Mode(JsonNode? source, string field = "defaultMode") => (int?)source?[field];
}
