using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Aggregation;

/// <summary>A version that another server serves, as it is known now. Immutable.</summary>
/// <param name="Service">Who serves it.</param>
/// <param name="Client">Connections to that server.</param>
/// <param name="IsAvailable">Whether it answered when it was asked last.</param>
/// <param name="Resources">The <c>resources</c> of its APIResourceList, as JSON; null while it has told none.</param>
internal sealed record AggregatedVersion(AggregatedService Service, HttpMessageInvoker Client, bool IsAvailable, string? Resources)
{
    public string Group => Service.Group;

    public string Version => Service.Version;

    /// <summary>Its resources in the form of aggregated discovery.</summary>
    public JsonArray Discovery()
    {
        var told = (Resources is null ? null : JsonNode.Parse(Resources) as JsonArray)?.OfType<JsonObject>().ToList() ?? [];
        var discovered = new JsonArray();
        foreach (var resource in told.Where(r => r["name"] is JsonValue name && !((string)name!).Contains('/', StringComparison.Ordinal)))
        {
            var prefix = $"{(string)resource["name"]!}/";
            var entry = new JsonObject
            {
                ["resource"] = (string)resource["name"]!,
                ["responseKind"] = Kind(resource),
                ["scope"] = (bool?)resource["namespaced"] == true ? "Namespaced" : "Cluster",
                ["singularResource"] = (string?)resource["singularName"] ?? "",
                ["verbs"] = resource["verbs"]?.DeepClone() ?? new JsonArray(),
            };
            foreach (var names in (ReadOnlySpan<string>)["shortNames", "categories"])
            {
                if (resource[names] is JsonArray { Count: > 0 } given)
                {
                    entry[names] = given.DeepClone();
                }
            }

            var subresources = told.Where(r => ((string?)r["name"] ?? "").StartsWith(prefix, StringComparison.Ordinal))
                .Select(r => new JsonObject { ["subresource"] = ((string)r["name"]!)[prefix.Length..], ["responseKind"] = Kind(r), ["verbs"] = r["verbs"]?.DeepClone() ?? new JsonArray() }).ToArray<JsonNode>();
            if (subresources.Length > 0)
            {
                entry["subresources"] = new JsonArray(subresources);
            }

            discovered.Add((JsonNode)entry);
        }

        return discovered;
    }

    private JsonObject Kind(JsonObject resource) => new()
    {
        ["group"] = (string?)resource["group"] is { Length: > 0 } group ? group : Group,
        ["version"] = (string?)resource["version"] is { Length: > 0 } version ? version : Version,
        ["kind"] = (string?)resource["kind"] ?? "",
    };
}
