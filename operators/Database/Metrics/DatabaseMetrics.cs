using System.Diagnostics.Metrics;

namespace Databases.Metrics;

/// <summary>The metrics of the operator's own runs, under the names that the lessons use.</summary>
internal sealed class DatabaseMetrics
{
    private static readonly InstrumentAdvice<double> _buckets = new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };

    private readonly Meter _meter;
    private readonly Counter<long> _runs;
    private readonly Histogram<double> _durations;
    private readonly RunRate _rate;

    public DatabaseMetrics(Meter meter, TimeProvider time)
    {
        _meter = meter;
        _rate = new(time);
        _runs = meter.CreateCounter<long>("database_reconcile_total", description: "Runs of Databases, by result");
        _durations = meter.CreateHistogram("database_reconcile_duration_seconds", "s", "Time of a run, by result", null, _buckets);
        meter.CreateObservableGauge("database_reconcile_rate", _rate.PerSecond, description: "Runs a second, over the last minute");

        // A rate needs the zero before the first.
        foreach (var result in (ReadOnlySpan<string>)["success", "error", "requeue"])
        {
            _runs.Add(0, Tag(result));
        }
    }

    /// <summary>A run ended.</summary>
    public void Ran(string result, TimeSpan took)
    {
        _runs.Add(1, Tag(result));
        _durations.Record(took.TotalSeconds, Tag(result));
        _rate.Ran();
    }

    /// <summary>Shows how many Databases wait for a worker.</summary>
    public void ObserveQueue(Func<int> depth) => _meter.CreateObservableGauge("database_reconcile_queue_depth", depth, description: "Databases that wait for a worker");

    private static KeyValuePair<string, object?> Tag(string result) => new("result", result);
}
