using System.Globalization;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Metrics;

/// <summary>The documents of <c>metrics.k8s.io/v1beta1</c>, as metrics-server writes them.</summary>
internal static class MetricsDocuments
{
    private const string Version = "metrics.k8s.io/v1beta1";

    public static JsonObject ApiGroup(JsonObject body)
    {
        body["name"] = "metrics.k8s.io";
        body["versions"] = new JsonArray(new JsonObject { ["groupVersion"] = Version, ["version"] = "v1beta1" });
        body["preferredVersion"] = new JsonObject { ["groupVersion"] = Version, ["version"] = "v1beta1" };
        return body;
    }

    public static JsonObject Resources() => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = Version,
        ["resources"] = new JsonArray(
            new JsonObject { ["name"] = "nodes", ["singularName"] = "", ["namespaced"] = false, ["kind"] = "NodeMetrics", ["verbs"] = new JsonArray("get", "list") },
            new JsonObject { ["name"] = "pods", ["singularName"] = "", ["namespaced"] = true, ["kind"] = "PodMetrics", ["verbs"] = new JsonArray("get", "list") }),
    };

    /// <summary>What the metrics of pods and of nodes share.</summary>
    public static JsonObject Head(string kind, DynamicObject of, Usage usage)
    {
        var metadata = new JsonObject { ["name"] = of.Key.Name };
        if (of.Key.Namespace.Length > 0)
        {
            metadata["namespace"] = of.Key.Namespace;
        }

        metadata["creationTimestamp"] = KubeTime.Format(usage.At);
        if (of.Labels.Count > 0)
        {
            metadata["labels"] = new JsonObject(of.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value)));
        }

        return new() { ["kind"] = kind, ["apiVersion"] = Version, ["metadata"] = metadata, ["timestamp"] = KubeTime.Format(usage.At), ["window"] = Span(usage.Window) };
    }

    public static JsonObject Amounts(Usage usage)
    {
        var (nanocores, bytes) = ((long)Math.Round(usage.Cores * 1e9), (long)usage.MemoryBytes);
        return new()
        {
            ["cpu"] = nanocores == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"{nanocores}n"),
            ["memory"] = bytes != 0 && bytes % 1024 == 0 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024}Ki") : bytes.ToString(CultureInfo.InvariantCulture),
        };
    }

    public static JsonObject Table(IReadOnlyList<JsonObject> items) => new()
    {
        ["kind"] = "Table",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = new JsonObject(),
        ["columnDefinitions"] = new JsonArray(
            Column("Name", "Name of the resource", "name"), Column("cpu", "", "quantity"), Column("memory", "", "quantity"), Column("Window", "", "duration")),
        ["rows"] = new JsonArray([.. items.Select(item => new JsonObject
        {
            ["cells"] = new JsonArray((string?)item["metadata"]!["name"], Sum(item, "cpu"), Sum(item, "memory"), (string?)item["window"]),
            ["object"] = new JsonObject { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = item["metadata"]!.DeepClone() },
        })]),
    };

    /// <summary>Of all containers, in the form of one.</summary>
    private static string? Sum(JsonObject item, string amount)
    {
        var usages = item["usage"] is { } own ? [own] : (item["containers"] as JsonArray ?? []).Select(c => c!["usage"]!).ToList();
        double Of(string name) => usages.Sum(usage => Quantity.Parse((string)usage[name]!).AsApproximateDouble());
        return (string?)Amounts(new Usage(default, default, Of("cpu"), Of("memory")))[amount];
    }

    private static JsonObject Column(string name, string description, string format) =>
        new() { ["name"] = name, ["type"] = "string", ["format"] = format == "name" ? "name" : "", ["description"] = description, ["priority"] = 0 };

    /// <summary>As Go writes durations of this length.</summary>
    private static string Span(TimeSpan span) => span < TimeSpan.FromMinutes(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(span.TotalHours >= 1 ? $"{(int)span.TotalHours}h" : "")}{span.Minutes}m{span.TotalSeconds % 60:0.###}s");
}
