using Capstan.Dashboard.Metrics;

namespace Capstan.Tool.Load.Measuring;

/// <summary>What each replica of an operator has used since the load began, from pages of its metrics, also of replicas that came, went or began anew meanwhile. Thread-safe.</summary>
internal sealed class ReplicaBook
{
    private const string Cpu = "process_cpu_seconds_total";
    private const string Resident = "process_resident_memory_bytes";
    private const string Started = "process_start_time_seconds";
    private const string Calls = "rest_client_requests_total";

    // Ours, and what operators in Go have.
    private static readonly string[] Allocated = ["dotnet_gc_heap_total_allocated_bytes_total", "go_memstats_alloc_bytes_total"];

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Replica> _replicas = new(StringComparer.Ordinal);
    private bool _isBegun;

    /// <summary>What was taken until now was used before the load.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _isBegun = true;
        }
    }

    /// <summary>Takes a page.</summary>
    public void Take(string name, string text)
    {
        var page = MetricsPage.Read(text, [Cpu, Resident, Started, Calls, .. Allocated]);
        lock (_lock)
        {
            if (!_replicas.TryGetValue(name, out var replica))
            {
                _replicas[name] = replica = new();
            }

            replica.Take(page, _isBegun);
        }
    }

    /// <summary>What each has used.</summary>
    public IReadOnlyList<ReplicaUsage> Usage()
    {
        lock (_lock)
        {
            return [.. _replicas.Select(one => one.Value.Usage(one.Key))];
        }
    }

    private sealed class Replica
    {
        private readonly Dictionary<string, double> _last = new(StringComparer.Ordinal);
        private readonly Dictionary<string, double> _used = new(StringComparer.Ordinal);
        private double _startedAt, _resident;
        private double? _allocatedLast, _allocated;
        private int _restarts;
        private bool _isKnown;

        public void Take(MetricsPage page, bool counts)
        {
            var startedAt = page.Sum(Started);
            if (_isKnown && startedAt != _startedAt)
            {
                // Another process under the same name: its counters began at nothing.
                _last.Clear();
                _allocatedLast = null;
                _restarts++;
            }

            (_isKnown, _startedAt) = (true, startedAt);
            Count(Cpu, page.Sum(Cpu), counts);
            foreach (var (call, value) in page.SumBy(Calls, "method"))
            {
                Count(call, value, counts);
            }

            if (Allocated.FirstOrDefault(page.Has) is { } metric)
            {
                var value = page.Sum(metric);
                _allocated = (_allocated ?? 0) + (counts ? Increase(_allocatedLast, value) : 0);
                _allocatedLast = value;
            }

            _resident = counts ? Math.Max(_resident, page.Sum(Resident)) : page.Sum(Resident);
        }

        public ReplicaUsage Usage(string name) => new(
            name,
            _used.GetValueOrDefault(Cpu),
            _allocated,
            _resident,
            _restarts,
            _used.Where(one => one.Key != Cpu && one.Value > 0).ToDictionary(one => one.Key, one => (long)one.Value));

        private void Count(string what, double value, bool counts)
        {
            if (counts)
            {
                _used[what] = _used.GetValueOrDefault(what) + Increase(_last.TryGetValue(what, out var last) ? last : null, value);
            }

            _last[what] = value;
        }

        private static double Increase(double? last, double value) => value >= last ? value - last.Value : value;
    }
}

/// <summary>What a replica has used since the load began.</summary>
/// <param name="Name">Pod, or URL of the page.</param>
/// <param name="CpuSeconds">Processor time.</param>
/// <param name="AllocatedBytes">Memory that objects took, given back meanwhile or not; null if the operator does not tell.</param>
/// <param name="ResidentBytes">The most memory that it was seen to hold.</param>
/// <param name="Restarts">How often its process was seen to be another one.</param>
/// <param name="Calls">Its requests to the API server, by HTTP method.</param>
internal sealed record ReplicaUsage(string Name, double CpuSeconds, double? AllocatedBytes, double ResidentBytes, int Restarts, IReadOnlyDictionary<string, long> Calls);
