using System.Text.Json.Nodes;
using Capstan.Caching;
using Capstan.Cluster.Serving;
using Capstan.Selectors;
using Microsoft.AspNetCore.Http;

namespace Capstan.Cluster.Metrics;

/// <summary>Answers requests for <c>metrics.k8s.io/v1beta1</c>. Who asks, and whether he may, the API server has found out: nobody else is let in.</summary>
internal sealed class MetricsApi(UsageBook book, Informer pods, Informer nodes, ClientCertificates clients, TimeSpan window, TimeProvider time)
{
    private const string Group = "metrics.k8s.io";
    private const string Version = "metrics.k8s.io/v1beta1";

    public async Task AnswerAsync(HttpContext http)
    {
        var (code, body) = clients.Read(http.Connection.ClientCertificate) is null ? Status(401, "Unauthorized", "Unauthorized")
            : http.Request.Method != "GET" ? Status(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
            : Answer(http.Request);
        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body.ToJsonString() + "\n", http.RequestAborted);
    }

    private (int Code, JsonObject Body) Answer(HttpRequest request)
    {
        var table = request.Headers.Accept.ToString().Contains("as=Table", StringComparison.Ordinal);
        try
        {
            return request.Path.Value!.Trim('/').Split('/') switch
            {
                ["apis"] => (200, new() { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray(MetricsDocuments.ApiGroup([])) }),
                ["apis", Group] => (200, MetricsDocuments.ApiGroup(new() { ["kind"] = "APIGroup", ["apiVersion"] = "v1" })),
                ["apis", Group, "v1beta1"] => (200, MetricsDocuments.Resources()),
                ["apis", Group, "v1beta1", "nodes"] => List("NodeMetricsList", Nodes(request), table),
                ["apis", Group, "v1beta1", "nodes", var name] => One(NodeOf(name), "nodemetrics", name, table),
                ["apis", Group, "v1beta1", "pods"] => List("PodMetricsList", Pods(request, null), table),
                ["apis", Group, "v1beta1", "namespaces", var ns, "pods"] => List("PodMetricsList", Pods(request, ns), table),
                ["apis", Group, "v1beta1", "namespaces", var ns, "pods", var name] => One(PodOf(new(ns, name)), "podmetrics", $"{ns}/{name}", table),
                ["healthz" or "livez" or "readyz"] => (200, new() { ["status"] = "ok" }),
                _ => Status(404, "NotFound", "the server could not find the requested resource"),
            };
        }
        catch (FormatException e)
        {
            return Status(400, "BadRequest", e.Message);
        }
    }

    private IEnumerable<JsonObject> Nodes(HttpRequest request)
    {
        var selection = Selection(request);
        return nodes.Cache.Keys.OrderBy(k => k.Name, StringComparer.Ordinal).Where(k => selection(k, nodes)).Select(k => NodeOf(k.Name)).OfType<JsonObject>();
    }

    private IEnumerable<JsonObject> Pods(HttpRequest request, string? ns)
    {
        var selection = Selection(request);
        return book.Pods().Where(k => (ns is null || k.Namespace == ns) && selection(k, pods)).Select(PodOf).OfType<JsonObject>();
    }

    /// <exception cref="FormatException">A selector is none.</exception>
    private static Func<ObjectKey, Informer, bool> Selection(HttpRequest request)
    {
        var labels = LabelSelector.Parse(request.Query["labelSelector"].ToString());
        var fields = FieldSelector.Parse(request.Query["fieldSelector"].ToString()).Requirements;
        return (key, objects) => objects.Cache.Get(key) is { } found && labels.Matches(found.Labels)
            && fields.All(f => (f.Value == (f.Field == "metadata.namespace" ? key.Namespace : key.Name)) == (f.Operator == FieldOperator.Equals));
    }

    private JsonObject? NodeOf(string name)
    {
        if (nodes.Cache.Get(ObjectKey.ClusterScoped(name)) is not { } node || book.OfNode(name, time.GetUtcNow(), window) is not { } usage)
        {
            return null;
        }

        var metrics = MetricsDocuments.Head("NodeMetrics", node, usage);
        metrics["usage"] = MetricsDocuments.Amounts(usage);
        return metrics;
    }

    private JsonObject? PodOf(ObjectKey key)
    {
        if (pods.Cache.Get(key) is not { } pod || book.Of(key) is not { Count: > 0 } containers)
        {
            return null;
        }

        var metrics = MetricsDocuments.Head("PodMetrics", pod, containers.MinBy(c => c.Usage.At).Usage);
        metrics["containers"] = new JsonArray([.. containers.Select(c => new JsonObject { ["name"] = c.Container, ["usage"] = MetricsDocuments.Amounts(c.Usage) })]);
        return metrics;
    }

    private static (int, JsonObject) One(JsonObject? found, string resource, string name, bool table) =>
        found is null ? Status(404, "NotFound", $"{resource}.{Group} \"{name}\" not found", new() { ["name"] = name, ["group"] = Group, ["kind"] = resource })
        : (200, table ? MetricsDocuments.Table([found]) : found);

    private static (int, JsonObject) List(string kind, IEnumerable<JsonObject> items, bool table)
    {
        var all = items.ToList();
        if (table)
        {
            return (200, MetricsDocuments.Table(all));
        }

        foreach (var item in all)
        {
            item.Remove("kind");
            item.Remove("apiVersion");
        }

        return (200, new() { ["kind"] = kind, ["apiVersion"] = Version, ["metadata"] = new JsonObject(), ["items"] = new JsonArray([.. all]) });
    }

    private static (int, JsonObject) Status(int code, string reason, string message, JsonObject? details = null) => (code, new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["details"] = details ?? [],
        ["code"] = code,
    });
}
