using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;

namespace Capstan.ApiServer.Registry;

/// <summary>Finds values whose JSON type is not that of their field, before anything reads them: what Kubernetes finds while decoding.</summary>
internal static class TypeFaults
{
    /// <summary>The first fault in Kubernetes' words; null when there is none.</summary>
    public static string? Of(JsonObject obj, ServedResource served) => Metadata(obj, served.Type.Kind);

    private static string? Metadata(JsonObject obj, string kind)
    {
        if (obj["metadata"] is { } node and not JsonObject)
        {
            return $"json: cannot unmarshal {GoTypes.NameOf(node)} into Go struct field {kind}.metadata of type v1.ObjectMeta";
        }

        if (obj["metadata"] is not JsonObject metadata)
        {
            return null;
        }

        foreach (var (name, value) in metadata)
        {
            var fault = name switch
            {
                "name" or "namespace" or "generateName" or "uid" or "resourceVersion" or "selfLink" => Expect(value, JsonValueKind.String, "string"),
                "labels" or "annotations" => ExpectMap(value),
                "finalizers" => ExpectItems(value, JsonValueKind.String, "string"),
                "ownerReferences" => ExpectItems(value, JsonValueKind.Object, "v1.OwnerReference"),
                "managedFields" => ExpectItems(value, JsonValueKind.Object, "v1.ManagedFieldsEntry"),
                "generation" or "deletionGracePeriodSeconds" => Expect(value, JsonValueKind.Number, "int64"),
                "creationTimestamp" or "deletionTimestamp" => ExpectTime(value),
                _ => null,
            };
            if (fault is not null)
            {
                return fault.StartsWith("parsing", StringComparison.Ordinal)
                    ? fault
                    : string.Create(null, $"json: cannot unmarshal {fault.Replace("{field}", $"ObjectMeta.metadata.{name}", StringComparison.Ordinal)}");
            }
        }

        return null;
    }

    private static string? Expect(JsonNode? value, JsonValueKind kind, string type) =>
        value is null || value.GetValueKind() == kind ? null : $"{GoTypes.NameOf(value)} into Go struct field {{field}} of type {type}";

    private static string? ExpectMap(JsonNode? value) =>
        Expect(value, JsonValueKind.Object, "map[string]string")
        ?? (value as JsonObject)?.Select(p => Expect(p.Value, JsonValueKind.String, "string")).FirstOrDefault(f => f is not null);

    private static string? ExpectItems(JsonNode? value, JsonValueKind kind, string type) =>
        Expect(value, JsonValueKind.Array, $"[]{type}")
        ?? (value as JsonArray)?.Select(i => Expect(i, kind, type)).FirstOrDefault(f => f is not null);

    private static string? ExpectTime(JsonNode? value) =>
        Expect(value, JsonValueKind.String, "string")
        ?? (value is null || KubeTime.TryParse((string?)value, out _)
            ? null
            : $"parsing time {ApiError.Quote((string)value!)} as \"2006-01-02T15:04:05Z07:00\": cannot parse {ApiError.Quote((string)value!)} as \"2006\"");
}
