using System.Diagnostics.Metrics;
using KubeTemplater.Resources;

namespace KubeTemplater.Reconciling;

/// <summary>The metrics of the pipeline, under the names that the operator's documents promise. Never labelled by template: that would grow without bound.</summary>
internal sealed class TemplateMetrics
{
    // The documents' alert asks whether a run takes more than 30 seconds.
    private static readonly InstrumentAdvice<double> RunBuckets =
        new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300] };

    private readonly Meter _meter;
    private readonly Counter<long> _processed, _dequeued, _retries;
    private readonly UpDownCounter<int> _running;
    private readonly Histogram<double> _processing, _applying;

    public TemplateMetrics(Meter meter)
    {
        _meter = meter;
        _processed = meter.CreateCounter<long>("kubetemplater_processed_total", description: "Runs of templates that ended, by the phase that they ended in");
        _dequeued = meter.CreateCounter<long>("kubetemplater_dequeued_total", description: "Templates that a worker has taken from the queue");
        _retries = meter.CreateCounter<long>("kubetemplater_retries_total", description: "Runs of templates that had failed before");
        _running = meter.CreateUpDownCounter<int>("kubetemplater_processing_items", description: "Templates that are with a worker");
        _processing = meter.CreateHistogram("kubetemplater_processing_duration_seconds", "s", "Time of a run, by the phase that it ended in", null, RunBuckets);
        _applying = meter.CreateHistogram<double>("kubetemplater_apply_duration_seconds", "s", "Time of the server-side apply of one object, by its result");

        // A rate needs the zero before the first.
        foreach (var phase in (ReadOnlySpan<string>)[Phases.Completed, Phases.Failed, Phases.Paused])
        {
            _processed.Add(0, Result(phase));
        }

        _dequeued.Add(0);
        _retries.Add(0);
        _running.Add(0);
    }

    /// <summary>A worker took a template.</summary>
    public void Started()
    {
        _dequeued.Add(1);
        _running.Add(1);
    }

    /// <summary>The worker is done with it.</summary>
    public void Ended() => _running.Add(-1);

    /// <summary>A template that had failed is tried again.</summary>
    public void Retried() => _retries.Add(1);

    /// <summary>A run ended in this phase.</summary>
    public void Processed(string phase, TimeSpan took)
    {
        _processed.Add(1, Result(phase));
        _processing.Record(took.TotalSeconds, Result(phase));
    }

    /// <summary>One object was sent to the server.</summary>
    public void Applied(bool taken, TimeSpan took) => _applying.Record(took.TotalSeconds, Result(taken ? "applied" : "refused"));

    /// <summary>Shows the queue: how many templates wait for a worker, and how often one has come to wait.</summary>
    public void ObserveQueue(Func<int> depth, Func<long> adds)
    {
        _meter.CreateObservableGauge("kubetemplater_queue_depth", depth, description: "Templates that wait for a worker");
        _meter.CreateObservableCounter("kubetemplater_enqueued_total", adds, description: "Templates that have been put in the queue");
    }

    /// <summary>Shows how many templates are in each phase.</summary>
    public void ObservePhases(Func<IEnumerable<(string Phase, int Templates)>> count) => _meter.CreateObservableGauge(
        "kubetemplater_templates", () => count().Select(one => new Measurement<int>(one.Templates, new KeyValuePair<string, object?>("phase", one.Phase))), description: "Templates, by phase");

    private static KeyValuePair<string, object?> Result(string result) => new("result", result);
}
