using System.Diagnostics.Metrics;

namespace KubeTemplater.Reconciling;

/// <summary>The operator's own metrics, under the names that its documents promise. Never labelled by template: that would grow without bound.</summary>
internal sealed class TemplateMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _processed;

    public TemplateMetrics(Meter meter)
    {
        _meter = meter;
        _processed = meter.CreateCounter<long>("kubetemplater_processed_total", description: "Templates processed, by the phase that they ended in");
        foreach (var phase in (ReadOnlySpan<string>)[Resources.Phases.Completed, Resources.Phases.Failed])
        {
            _processed.Add(0, new KeyValuePair<string, object?>("result", phase));
        }
    }

    /// <summary>A run ended.</summary>
    public void Processed(string phase) => _processed.Add(1, new KeyValuePair<string, object?>("result", phase));

    /// <summary>Shows how many templates wait for a worker.</summary>
    public void ObserveDepth(Func<int> depth) =>
        _meter.CreateObservableGauge("kubetemplater_queue_depth", depth, description: "Templates that wait for a worker");
}
