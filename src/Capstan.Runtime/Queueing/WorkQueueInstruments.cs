using System.Diagnostics.Metrics;

namespace Capstan.Queueing;

/// <summary>What a queue has counted, and how long its present work has taken.</summary>
internal readonly record struct WorkQueueReading(long Adds, long Retries, TimeSpan Unfinished, TimeSpan Longest);

/// <summary>The <c>workqueue_*</c> metrics of one queue. Counts are read from the queue when asked for, so that adding a key costs nothing more.</summary>
internal sealed class WorkQueueInstruments<TKey>
    where TKey : notnull
{
    private static readonly double[] Buckets = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000];
    private readonly KeyValuePair<string, object?> _nameTag, _controllerTag;
    private readonly Histogram<double> _queueDuration, _workDuration;

    public WorkQueueInstruments(WorkQueue<TKey> queue, Meter meter, string name)
    {
        _nameTag = new("name", name);
        _controllerTag = new("controller", name);
        KeyValuePair<string, object?>[] tags = [_nameTag, _controllerTag];
        var buckets = new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets };
        _queueDuration = meter.CreateHistogram("workqueue_queue_duration_seconds", "s", "Time from ready to taken by a worker", tags, buckets);
        _workDuration = meter.CreateHistogram("workqueue_work_duration_seconds", "s", "Time that a worker had a key", tags, buckets);
        meter.CreateObservableGauge("workqueue_depth", () => Depths(queue), null, "Keys that are ready, by priority");
        meter.CreateObservableCounter("workqueue_adds_total", () => new Measurement<long>(Read(queue).Adds, tags), null, "Runs asked for");
        meter.CreateObservableCounter("workqueue_retries_total", () => new Measurement<long>(Read(queue).Retries, tags), null, "Runs asked for with a backoff");
        meter.CreateObservableGauge(
            "workqueue_unfinished_work_seconds", () => new Measurement<double>(Read(queue).Unfinished.TotalSeconds, tags), "s", "Sum of the ages of all runs under way");
        meter.CreateObservableGauge(
            "workqueue_longest_running_processor_seconds", () => new Measurement<double>(Read(queue).Longest.TotalSeconds, tags), "s", "Age of the oldest run under way");
    }

    public void Queued(TimeSpan duration) => _queueDuration.Record(duration.TotalSeconds, _nameTag, _controllerTag);

    public void Worked(TimeSpan duration) => _workDuration.Record(duration.TotalSeconds, _nameTag, _controllerTag);

    private static WorkQueueReading Read(WorkQueue<TKey> queue) => queue.Read(stackalloc int[4]);

    private List<Measurement<int>> Depths(WorkQueue<TKey> queue)
    {
        Span<int> depths = stackalloc int[4];
        queue.Read(depths);
        var measurements = new List<Measurement<int>>(depths.Length);
        for (var priority = 0; priority < depths.Length; priority++)
        {
            measurements.Add(new(depths[priority], _nameTag, _controllerTag, new("priority", ((Priority)priority).ToString())));
        }

        return measurements;
    }
}
