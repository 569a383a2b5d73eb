using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Aggregation;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http;

/// <summary>Writes the discovery documents of one catalogue model (meta/v1 APIGroupList, APIGroup, APIResourceList; apidiscovery/v2).</summary>
internal sealed class DiscoveryDocuments(CatalogueModel catalogue, IReadOnlyList<AggregatedVersion> aggregated)
{
    /// <summary><c>/api</c> in its old form: the versions of the core group.</summary>
    public static JsonObject CoreVersions(string host) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = host }),
    };

    /// <summary><c>/apis</c> in its old form.</summary>
    public JsonObject Groups() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. GroupNames().Select(g => GroupBody(g, []))]),
    };

    /// <summary><c>/apis/GROUP</c>; null when the group is not served.</summary>
    public JsonObject? Group(string group) => GroupNames().Contains(group)
        ? GroupBody(group, new() { ["kind"] = "APIGroup", ["apiVersion"] = "v1" })
        : null;

    /// <summary>The resources of a version; null when it is not served.</summary>
    public JsonObject? Resources(string group, string version)
    {
        var resources = Of(group, version);
        if (resources.Count == 0)
        {
            return null;
        }

        // The list of the core group is older than apiVersion, and still comes without.
        var list = new JsonObject { ["kind"] = "APIResourceList" };
        if (group.Length > 0)
        {
            list["apiVersion"] = "v1";
        }

        list["groupVersion"] = new GroupVersionKind(group, version, "").ApiVersion;
        list["resources"] = new JsonArray([.. resources.SelectMany(Entries)]);
        return list;
    }

    /// <summary>All groups with their versions and resources: of the core group, or of all others.</summary>
    public JsonObject Aggregated(bool core) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. (core ? [""] : GroupNames()).Select(AggregatedGroup)]),
    };

    // Groups of other servers come last: their priority is low.
    private IEnumerable<string> GroupNames() => catalogue.All.Select(r => r.Type.Group).Where(g => g.Length > 0).Concat(aggregated.Select(a => a.Group)).Distinct();

    private List<string> Versions(string group) =>
        [.. catalogue.All.Where(r => r.Type.Group == group).Select(r => r.Type.Version).Concat(aggregated.Where(a => a.Group == group).Select(a => a.Version)).Distinct().Order(VersionPriority.Instance)];

    private List<ServedResource> Of(string group, string version) =>
        [.. catalogue.All.Where(r => r.Type.Group == group && r.Type.Version == version).OrderBy(r => r.Type.Plural, StringComparer.Ordinal)];

    private JsonObject GroupBody(string group, JsonObject body)
    {
        var versions = Versions(group).Select(v => new JsonObject
        {
            ["groupVersion"] = $"{group}/{v}",
            ["version"] = v,
        }).ToList();
        body["name"] = group;
        body["versions"] = new JsonArray([.. versions]);
        body["preferredVersion"] = versions[0].DeepClone();
        return body;
    }

    private static IEnumerable<JsonObject> Entries(ServedResource resource)
    {
        var entry = new JsonObject
        {
            ["name"] = resource.Type.Plural,
            ["singularName"] = resource.Singular,
            ["namespaced"] = resource.Type.Namespaced,
            ["kind"] = resource.Type.Kind,
            ["verbs"] = Strings(resource.Verbs),
        };
        AddNames(entry, resource);
        if (resource.Verbs.Contains("list") && resource.Verbs.Contains("create"))
        {
            entry["storageVersionHash"] = StorageVersionHash(resource.StorageKind);
        }

        yield return entry;
        foreach (var subresource in resource.Subresources)
        {
            yield return SubresourceEntry(resource, subresource);
        }
    }

    private static JsonObject SubresourceEntry(ServedResource resource, Subresource subresource)
    {
        var entry = new JsonObject
        {
            ["name"] = $"{resource.Type.Plural}/{subresource.Name}",
            ["singularName"] = "",
            ["namespaced"] = resource.Type.Namespaced,
        };
        if (subresource.Kind.Group != resource.Type.Group || subresource.Kind.Version != resource.Type.Version)
        {
            entry["group"] = subresource.Kind.Group;
            entry["version"] = subresource.Kind.Version;
        }

        entry["kind"] = subresource.Kind.Kind;
        entry["verbs"] = Strings(subresource.Verbs);
        return entry;
    }

    private JsonObject AggregatedGroup(string group)
    {
        var versions = Versions(group).Select(version => aggregated.FirstOrDefault(a => a.Group == group && a.Version == version) is { } other
            ? new JsonObject
            {
                ["version"] = version,
                ["resources"] = other.Discovery(),
                ["freshness"] = other.IsAvailable ? "Current" : "Stale",
            }
            : new JsonObject
            {
                ["version"] = version,
                ["resources"] = new JsonArray([.. Of(group, version).Select(AggregatedResource)]),
                ["freshness"] = "Current",
            });
        return new()
        {
            ["metadata"] = group.Length == 0 ? [] : new JsonObject { ["name"] = group },
            ["versions"] = new JsonArray([.. versions]),
        };
    }

    private static JsonObject AggregatedResource(ServedResource resource)
    {
        var entry = new JsonObject
        {
            ["resource"] = resource.Type.Plural,
            ["responseKind"] = ResponseKind(resource, resource.Type.GroupVersionKind),
            ["scope"] = resource.Type.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.Singular,
            ["verbs"] = Strings(resource.Verbs),
        };
        AddNames(entry, resource);
        if (resource.Subresources.Count > 0)
        {
            entry["subresources"] = new JsonArray([.. resource.Subresources.Select(s => new JsonObject
            {
                ["subresource"] = s.Name,
                ["responseKind"] = ResponseKind(resource, s.Kind),
                ["verbs"] = Strings(s.Verbs),
            })]);
        }

        return entry;
    }

    /// <summary>Built-in kinds leave group and version of their own version empty; custom resources spell them out. Clients accept both.</summary>
    private static JsonObject ResponseKind(ServedResource resource, GroupVersionKind kind)
    {
        var implied = !resource.IsCustom && kind.Group == resource.Type.Group && kind.Version == resource.Type.Version;
        return new() { ["group"] = implied ? "" : kind.Group, ["version"] = implied ? "" : kind.Version, ["kind"] = kind.Kind };
    }

    private static void AddNames(JsonObject entry, ServedResource resource)
    {
        if (resource.ShortNames.Count > 0)
        {
            entry["shortNames"] = Strings(resource.ShortNames);
        }

        if (resource.Categories.Count > 0)
        {
            entry["categories"] = Strings(resource.Categories);
        }
    }

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => (JsonNode)v)]);

    /// <summary>Tells clients that migrate storage when a resource's stored form has moved on.</summary>
    private static string StorageVersionHash(GroupVersionKind kind)
    {
        // Definitions of kinds are still said to be stored in their first version.
        var version = kind is { Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition" } ? "v1beta1" : kind.Version;
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind.Group}/{version}/{kind.Kind}")).AsSpan(0, 8));
    }
}
