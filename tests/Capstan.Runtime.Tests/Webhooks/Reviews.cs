using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Runtime.Tests.Webhooks;

/// <summary>AdmissionReviews as an API server sends them.</summary>
internal static class Reviews
{
    public static byte[] Of(
        string operation = "CREATE",
        string? @object = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default"},"data":{"k":"v"}}""",
        string? oldObject = null,
        string version = "v1",
        bool dryRun = false,
        string uid = "705ab4f5-6393-11e8-b7cc-42010a800002") => Encoding.UTF8.GetBytes(
        $$$"""
        {"kind":"AdmissionReview","apiVersion":"admission.k8s.io/{{{version}}}","request":{"uid":"{{{uid}}}",
        "kind":{"group":"","version":"v1","kind":"ConfigMap"},"resource":{"group":"","version":"v1","resource":"configmaps"},"subResource":"status",
        "requestKind":{"group":"apps","version":"v2","kind":"Other"},"requestResource":{"group":"apps","version":"v2","resource":"others"},"requestSubResource":"scale",
        "name":"a","namespace":"default","operation":"{{{operation}}}",
        "userInfo":{"username":"jané","uid":"u1","groups":["g1","g2"],"extra":{"k":["v1","v2"]}},
        "object":{{{@object ?? "null"}}},"oldObject":{{{oldObject ?? "null"}}},"dryRun":{{{(dryRun ? "true" : "false")}}},
        "options":{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1","fieldManager":"kubectl"} }}
        """);

    public static JsonObject Response(ReadOnlyMemory<byte> answer)
    {
        var review = JsonNode.Parse(answer.Span)!.AsObject();
        Xunit.Assert.Equal("AdmissionReview", review["kind"]!.GetValue<string>());
        return review["response"]!.AsObject();
    }

    /// <summary>The patch of an answer; null if it has none.</summary>
    public static JsonArray? Patch(JsonObject response) =>
        response["patch"] is { } patch ? JsonNode.Parse(Convert.FromBase64String(patch.GetValue<string>()))!.AsArray() : null;
}
