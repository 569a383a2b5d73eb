using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Client;

/// <summary>What the server served at one moment.</summary>
/// <param name="ReadAt">Timestamp of the clock.</param>
/// <param name="ByKind">Every kind that can be read or written as an object.</param>
/// <param name="Verbs">What can be done with each of them.</param>
/// <param name="Failed">Group versions that could not be asked, and why.</param>
internal sealed record DiscoveryModel(
    long ReadAt,
    IReadOnlyDictionary<GroupVersionKind, ResourceType> ByKind,
    IReadOnlyDictionary<ResourceType, IReadOnlyCollection<string>> Verbs,
    IReadOnlyDictionary<(string Group, string Version), Exception> Failed);

/// <summary>Reads discovery: aggregated in two requests where the server offers it, else one request per group version.</summary>
internal sealed class DiscoveryReader
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

    private readonly KubeClient _client;
    private readonly Dictionary<GroupVersionKind, ResourceType> _byKind = [];
    private readonly Dictionary<ResourceType, IReadOnlyCollection<string>> _verbs = [];
    private readonly Dictionary<(string Group, string Version), Exception> _failed = [];

    private DiscoveryReader(KubeClient client) => _client = client;

    public static async Task<DiscoveryModel> ReadAsync(KubeClient client, long now, CancellationToken cancellationToken)
    {
        var reader = new DiscoveryReader(client);
        await reader.ReadRootAsync("/api", cancellationToken);
        await reader.ReadRootAsync("/apis", cancellationToken);
        return new(now, reader._byKind, reader._verbs, reader._failed);
    }

    private async Task ReadRootAsync(string root, CancellationToken cancellationToken)
    {
        var (body, type) = await _client.GetAnyAsync(root, Aggregated, cancellationToken);
        var answer = Object(body, root);
        if (type?.Parameters.Any(p => p is { Name: "as", Value: "APIGroupDiscoveryList" }) == true)
        {
            ReadAggregated(answer);
            return;
        }

        // Old form: a list of versions for the core group, a list of groups for the rest.
        var versions = answer["groups"] is JsonArray groups
            ? groups.OfType<JsonObject>().SelectMany(g => Array(g, "versions").Select(v => (Group: Text(g, "name"), Version: Text(v, "version"))))
            : (answer["versions"] as JsonArray ?? []).Select(v => (Group: "", Version: v?.GetValue<string>() ?? ""));
        foreach (var (group, version) in versions.ToList())
        {
            await ReadVersionAsync(group, version, cancellationToken);
        }
    }

    private async Task ReadVersionAsync(string group, string version, CancellationToken cancellationToken)
    {
        var path = group.Length == 0 ? $"/api/{version}" : $"/apis/{group}/{version}";
        try
        {
            var list = Object(await _client.GetRawAsync(path, null, cancellationToken), path);
            foreach (var resource in Array(list, "resources"))
            {
                var plural = Text(resource, "name");
                if (!plural.Contains('/', StringComparison.Ordinal))
                {
                    Add(new(group, version, Text(resource, "kind"), plural, resource["namespaced"]?.GetValue<bool>() ?? false), resource);
                }
            }
        }
        catch (ApiException error)
        {
            _failed[(group, version)] = error;
        }
    }

    private void ReadAggregated(JsonObject answer)
    {
        foreach (var group in Array(answer, "items"))
        {
            var name = group["metadata"] is JsonObject metadata ? Text(metadata, "name") : "";
            foreach (var version in Array(group, "versions"))
            {
                var versionName = Text(version, "version");
                if (Text(version, "freshness") == "Stale")
                {
                    _failed[(name, versionName)] = new HttpRequestException($"the server of {name}/{versionName} does not answer discovery");
                }

                foreach (var resource in Array(version, "resources"))
                {
                    // A resource that only has subresources has no kind of its own.
                    if (resource["responseKind"] is JsonObject kind && Text(kind, "kind") is { Length: > 0 } kindName)
                    {
                        Add(new(name, versionName, kindName, Text(resource, "resource"), Text(resource, "scope") == "Namespaced"), resource);
                    }
                }
            }
        }
    }

    /// <summary>Of two resources of one kind the first is the one with objects (the other is a review of it or the like).</summary>
    private void Add(ResourceType type, JsonObject resource)
    {
        if (_byKind.TryAdd(type.GroupVersionKind, type))
        {
            _verbs[type] = [.. (resource["verbs"] as JsonArray ?? []).Select(verb => verb?.GetValue<string>() ?? "")];
        }
    }

    private static JsonObject Object(byte[] body, string path) =>
        JsonNode.Parse(body) as JsonObject ?? throw new JsonException($"{path}: discovery must be a JSON object");

    private static IEnumerable<JsonObject> Array(JsonObject from, string name) => (from[name] as JsonArray ?? []).OfType<JsonObject>();

    private static string Text(JsonObject from, string name) => from[name]?.GetValue<string>() ?? "";
}
