using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Autoscaling;

/// <summary>What the metrics of an autoscaler ask for together: the most of them.</summary>
internal sealed class MetricProposals(PodMetricsReader reader, ComponentEvents events)
{
    private const double Tolerance = 0.1;

    /// <summary>Reads all metrics.</summary>
    /// <param name="autoscaler">With its metrics.</param>
    /// <param name="current">Replicas of the target.</param>
    /// <param name="selector">Of its pods.</param>
    /// <param name="pods">That it selects.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<MetricResult> ReadAsync(HorizontalPodAutoscaler autoscaler, int current, string selector, IReadOnlyList<Pod> pods, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var metrics = autoscaler.Spec.Metrics ?? [];
        var result = new MetricResult();
        var invalid = 0;
        foreach (var metric in metrics)
        {
            try
            {
                var (proposal, name, status) = await ReadAsync(autoscaler, metric, current, selector, pods, now, cancellationToken);
                result.Statuses.Add(status);
                if (result.Replicas is null || proposal > result.Replicas)
                {
                    (result.Replicas, result.Metric) = (proposal, name);
                }
            }
            catch (MetricException error)
            {
                var (reason, what) = Failure(metric);
                events.Warning(autoscaler, reason, error.Message);
                result.Statuses.Add(new JsonObject { ["type"] = "" });
                result.First ??= (reason, $"the HPA was unable to compute the replica count: {error.Message}", $"failed to get {what} metric value: {error.Message}");
                invalid++;
            }
        }

        if (result.First is { } first)
        {
            result.Error = $"invalid metrics ({invalid} invalid out of {metrics.Count}), first error is: {first.Error}";
        }

        // What is missing might have asked for more: then nothing gets smaller.
        if (invalid >= metrics.Count || (invalid > 0 && result.Replicas < current))
        {
            result.Replicas = null;
        }

        return result;
    }

    private async Task<(int Replicas, string Name, JsonObject Status)> ReadAsync(
        HorizontalPodAutoscaler autoscaler, MetricSpec metric, int current, string selector, IReadOnlyList<Pod> pods, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if ((metric.Type == "Resource" ? metric.Resource : metric.Type == "ContainerResource" ? metric.ContainerResource : null) is not { } source)
        {
            // Nobody serves these here. In Kubernetes' words, for each of the kinds.
            var name = NameOf(metric);
            throw new MetricException(metric.Type == "External"
                ? $"unable to get external metric {autoscaler.Metadata.Namespace}/{name}/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get {name}.external.metrics.k8s.io)"
                : $"unable to get metric {name}: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered");
        }

        var container = metric.Type == "ContainerResource" ? source.Container : null;
        var tolerances = new Tolerances(
            autoscaler.Spec.Behavior?.ScaleDown?.Tolerance?.AsApproximateDouble() ?? Tolerance, autoscaler.Spec.Behavior?.ScaleUp?.Tolerance?.AsApproximateDouble() ?? Tolerance);
        Proposal proposal;
        string told;
        if (source.Target.AverageValue is { } average)
        {
            proposal = await TellAsync("usage", usages => ReplicaCalculator.ByValue(current, Amounts.Milli(average), source.Name, tolerances, pods, usages, now));
            told = $"{source.Name} resource";
        }
        else if (source.Target.AverageUtilization is { } utilization)
        {
            proposal = await TellAsync("utilization", usages => ReplicaCalculator.ByUtilization(current, utilization, source.Name, container, tolerances, pods, usages, now));
            told = $"{source.Name} {(container is null ? "" : "container ")}resource utilization (percentage of request)";
        }
        else
        {
            throw new MetricException("invalid resource metric source: neither an average utilization target nor an average value (usage) target was set");
        }

        var measured = new JsonObject { ["averageValue"] = Amounts.Text(proposal.AverageMilli, source.Name) };
        if (proposal.Utilization is { } percent)
        {
            measured["averageUtilization"] = percent;
        }

        var status = new JsonObject { ["name"] = source.Name, ["current"] = measured };
        if (container is not null)
        {
            status["container"] = container;
        }

        return (proposal.Replicas, told, new JsonObject { ["type"] = metric.Type, [container is null ? "resource" : "containerResource"] = status });

        async Task<Proposal> TellAsync(string what, Func<Dictionary<string, PodUsage>, Proposal> calculate)
        {
            try
            {
                return calculate(await reader.ReadAsync(autoscaler.Metadata.Namespace!, selector, source.Name, container, cancellationToken));
            }
            catch (MetricException error)
            {
                throw new MetricException($"failed to get {source.Name} {what}: {error.Message}");
            }
        }
    }

    private static string? NameOf(MetricSpec metric) =>
        metric.UnknownFields?.GetValueOrDefault(metric.Type.ToLowerInvariant()) is { ValueKind: JsonValueKind.Object } source
        && source.TryGetProperty("metric", out var identity) && identity.TryGetProperty("name", out var name)
            ? name.GetString()
            : null;

    private static (string Reason, string What) Failure(MetricSpec metric) => metric.Type switch
    {
        "Resource" => ("FailedGetResourceMetric", $"{metric.Resource?.Name} resource"),
        "ContainerResource" => ("FailedGetContainerResourceMetric", $"{metric.ContainerResource?.Container} container"),
        "Pods" => ("FailedGetPodsMetric", "pods"),
        "Object" => ("FailedGetObjectMetric", "object"),
        "External" => ("FailedGetExternalMetric", "external"),
        _ => ("InvalidMetricSourceType", metric.Type),
    };
}

/// <summary>What the metrics said.</summary>
internal sealed class MetricResult
{
    /// <summary>Null: nothing may be concluded.</summary>
    public int? Replicas { get; set; }

    /// <summary>Which one asks for most.</summary>
    public string Metric { get; set; } = "";

    public List<JsonObject> Statuses { get; } = [];

    /// <summary>The first that failed: reason and message of the condition, and the error.</summary>
    public (string Reason, string Message, string Error)? First { get; set; }

    public string? Error { get; set; }
}
