using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http;

/// <summary>Writes the OpenAPI 3.0 document of one group and version: the paths of its resources, and the types that they use.</summary>
internal static class OpenApiV3
{
    /// <summary>The document of these resources, all of one group and version.</summary>
    public static JsonObject Of(IReadOnlyList<ServedResource> resources)
    {
        var components = new OpenApiComponents();
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            OpenApiPaths.Add(paths, resource, components);
        }

        return new()
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = resources[0].IsCustom ? "Kubernetes CRD Swagger" : "Kubernetes", ["version"] = resources[0].IsCustom ? "v0.1.0" : "v1.36.2" },
            ["paths"] = new JsonObject(paths.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
            ["components"] = new JsonObject { ["schemas"] = components.Write() },
        };
    }
}
