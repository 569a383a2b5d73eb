using System.Globalization;

namespace Capstan.Dashboard.Metrics;

/// <summary>The last minutes of an operator's metrics, for charts: what the page of <c>/metrics</c> told at each look. Thread-safe.</summary>
/// <param name="pages">Gives the pages of all replicas, each with a name.</param>
/// <param name="time">Clock.</param>
internal sealed class MetricsHistory(Func<CancellationToken, Task<IReadOnlyList<(string Replica, string Page)>>> pages, TimeProvider time) : IDisposable
{
    /// <summary>Points that are kept: 15 minutes.</summary>
    public const int Most = 450;

    /// <summary>Time between two points.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private const string Depth = "workqueue_depth";
    private const string Runs = "controller_runtime_reconcile_total";
    private const string Errors = "controller_runtime_reconcile_errors_total";
    private const string Requests = "rest_client_requests_total";
    private const string Corrected = "kubetemplater_drift_corrected_total";
    private const string Refused = "kubetemplater_webhook_violations_total";
    private const string Buckets = "controller_runtime_reconcile_time_seconds_bucket";
    private const string Leads = "leader_election_master_status";
    private const string Started = "process_start_time_seconds";

    /// <summary>Metrics that are read.</summary>
    public static readonly IReadOnlyList<string> Wanted = [Depth, Runs, Errors, Requests, Corrected, Refused, Buckets, Leads, Started];

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Queue<HistoryPoint> _points = new();
    private readonly Dictionary<string, MetricsPage> _last = new(StringComparer.Ordinal);
    private long? _lastAt;

    /// <summary>Looks again and again until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            await AfterAsync(long.MaxValue, stop);
            await Task.Delay(Interval, time, stop);
        }
    }

    /// <summary>The points after a time; looks once more if the last look is long enough ago.</summary>
    /// <param name="after">Milliseconds since 1970.</param>
    /// <param name="stop">Cancels.</param>
    public async Task<HistoryAnswer> AfterAsync(long after, CancellationToken stop)
    {
        await _one.WaitAsync(stop);
        try
        {
            var now = time.GetTimestamp();
            var since = _lastAt is { } last ? time.GetElapsedTime(last, now) : TimeSpan.MaxValue;
            if (since >= Interval * 0.9)
            {
                Take_NeedsLock(await pages(stop), since.TotalSeconds);
                _lastAt = now;
            }

            return new(Interval.TotalSeconds, [.. _points.Where(point => point.Time > after)]);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private void Take_NeedsLock(IReadOnlyList<(string Replica, string Page)> found, double seconds)
    {
        var (depth, runs, errors, requests, happenings) = (New(), New(), New(), New(), New());
        var buckets = new SortedDictionary<double, double>();
        foreach (var (replica, text) in found)
        {
            var page = MetricsPage.Read(text, Wanted);

            // Who waits to lead has all keys in its queue, and nobody waits for it.
            if (!page.Has(Leads) || page.Sum(Leads) > 0)
            {
                Add(depth, page.SumBy(Depth, "name"));
            }

            // A replica that is new, or began anew: what it has done until now was done before.
            if (_last.TryGetValue(replica, out var before) && before.Sum(Started) == page.Sum(Started) && seconds > 0)
            {
                Add(runs, Rates(Runs, "controller"));
                Add(errors, Rates(Errors, "controller"));
                Add(requests, Rates(Requests, "method"));
                Add(happenings, new() { ["corrected"] = Rate(Corrected), ["denied"] = Rate(Refused) });
                var old = before.SumBy(Buckets, "le");
                foreach (var (limit, count) in page.SumBy(Buckets, "le"))
                {
                    var bound = limit == "+Inf" ? double.PositiveInfinity : double.Parse(limit, CultureInfo.InvariantCulture);
                    buckets[bound] = buckets.GetValueOrDefault(bound) + Math.Max(0, count - old.GetValueOrDefault(limit));
                }

                Dictionary<string, double> Rates(string metric, string label)
                {
                    var earlier = before.SumBy(metric, label);
                    return page.SumBy(metric, label).ToDictionary(one => one.Key, one => Math.Max(0, one.Value - earlier.GetValueOrDefault(one.Key)) / seconds, StringComparer.Ordinal);
                }

                double Rate(string metric) => Math.Max(0, page.Sum(metric) - before.Sum(metric)) / seconds;
            }

            _last[replica] = page;
        }

        foreach (var gone in _last.Keys.Except(found.Select(one => one.Replica)).ToList())
        {
            _last.Remove(gone);
        }

        _points.Enqueue(new(time.GetUtcNow().ToUnixTimeMilliseconds()) { Depth = depth, Runs = runs, Errors = errors, Requests = requests, Happenings = happenings, SlowestRun = Quantile(buckets, 0.95) });
        while (_points.Count > Most)
        {
            _points.Dequeue();
        }
    }

    /// <summary>As Prometheus has it: linear within the bucket, and the last bound for what is beyond it.</summary>
    internal static double? Quantile(SortedDictionary<double, double> buckets, double quantile)
    {
        var total = buckets.Count == 0 ? 0 : buckets.Values.Last();
        if (total <= 0)
        {
            return null;
        }

        var (wanted, below, counted) = (total * quantile, 0.0, 0.0);
        foreach (var (bound, count) in buckets)
        {
            if (count >= wanted)
            {
                return double.IsPositiveInfinity(bound) ? below : below + ((bound - below) * (wanted - counted) / Math.Max(count - counted, double.Epsilon));
            }

            (below, counted) = (bound, count);
        }

        return below;
    }

    private static Dictionary<string, double> New() => new(StringComparer.Ordinal);

    private static void Add(Dictionary<string, double> sums, Dictionary<string, double> more)
    {
        foreach (var (name, value) in more)
        {
            sums[name] = Math.Round(sums.GetValueOrDefault(name) + value, 3);
        }
    }
}
