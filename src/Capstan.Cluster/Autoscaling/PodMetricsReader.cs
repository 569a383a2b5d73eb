using System.Text.Json.Nodes;
using Capstan.Cluster.Node;

namespace Capstan.Cluster.Autoscaling;

/// <summary>Reads what pods use from <c>metrics.k8s.io/v1beta1</c>, whoever serves it.</summary>
internal sealed class PodMetricsReader(KubeClient client)
{
    private static readonly ResourceType PodMetrics = new("metrics.k8s.io", "v1beta1", "PodMetrics", "pods", Namespaced: true);

    /// <summary>Usage by the names of pods; those of which something is missing are left out.</summary>
    /// <exception cref="MetricException">Nobody serves it, or there is nothing.</exception>
    public async Task<Dictionary<string, PodUsage>> ReadAsync(string @namespace, string selector, string resource, string? container, CancellationToken cancellationToken)
    {
        IReadOnlyList<DynamicObject> items;
        try
        {
            items = (await client.ListAsync(PodMetrics, new ListOptions { Namespace = @namespace, LabelSelector = selector }, cancellationToken)).Items;
        }
        catch (ApiException error)
        {
            var why = error.IsNotFound ? "the server could not find the requested resource (get pods.metrics.k8s.io)" : error.Status.Message;
            throw new MetricException($"unable to get metrics for resource {resource}: unable to fetch metrics from resource metrics API: {why}");
        }

        if (items.Count == 0)
        {
            throw new MetricException($"unable to get metrics for resource {resource}: no metrics returned from resource metrics API");
        }

        var usages = new Dictionary<string, PodUsage>();
        foreach (var item in items)
        {
            var json = item.ToJson();
            if (Sum(json["containers"] as JsonArray ?? [], resource, container) is { } milli)
            {
                KubeTime.TryParse((string?)json["timestamp"], out var at);
                GoDuration.TryParse((string?)json["window"], out var window);
                usages[item.Key.Name] = new(milli, at, window);
            }
        }

        return usages;
    }

    private static long? Sum(JsonArray containers, string resource, string? container)
    {
        long? sum = null;
        foreach (var one in containers.Where(one => container is null || (string?)one?["name"] == container))
        {
            if (!Quantity.TryParse((string?)one?["usage"]?[resource], out var usage, out _))
            {
                return null;
            }

            sum = (sum ?? 0) + Amounts.Milli(usage);
        }

        return sum;
    }
}
