namespace Capstan.Cluster.Metrics;

/// <summary>What every container used of late. Thread-safe.</summary>
internal sealed class UsageBook
{
    private readonly Lock _lock = new();
    private Dictionary<ContainerKey, Entry> _containers = [];
    private HashSet<string> _nodes = [];

    /// <summary>Takes what nodes tell. Containers that their node no longer tells of are forgotten, and those of nodes that are gone.</summary>
    /// <param name="told">By node; one that did not answer is not among them.</param>
    /// <param name="nodes">All nodes that there are.</param>
    public void Take(IReadOnlyDictionary<string, IReadOnlyDictionary<ContainerKey, Sample>> told, IReadOnlySet<string> nodes)
    {
        lock (_lock)
        {
            var next = _containers.Where(c => nodes.Contains(c.Value.Node) && !told.ContainsKey(c.Value.Node)).ToDictionary();
            foreach (var (node, samples) in told)
            {
                foreach (var (key, sample) in samples)
                {
                    var before = _containers.TryGetValue(key, out var entry) ? entry.Latest : (Sample?)null;

                    // The same moment told twice says nothing new.
                    next[key] = before?.At == sample.At ? entry! : new Entry(node, sample, Usage.Between(before, sample) ?? entry?.Usage);
                }
            }

            _containers = next;
            _nodes = [.. told.Keys];
        }
    }

    /// <summary>What the containers of a pod use; empty while that is not known of each.</summary>
    public IReadOnlyList<(string Container, Usage Usage)> Of(ObjectKey pod)
    {
        lock (_lock)
        {
            var containers = _containers.Where(c => c.Key.Pod == pod).ToList();
            return containers.All(c => c.Value.Usage is not null) ? [.. containers.OrderBy(c => c.Key.Container, StringComparer.Ordinal).Select(c => (c.Key.Container, c.Value.Usage!.Value))] : [];
        }
    }

    /// <summary>What the containers of a node use together; null when it did not answer.</summary>
    public Usage? OfNode(string node, DateTimeOffset now, TimeSpan window)
    {
        lock (_lock)
        {
            var used = _containers.Values.Where(c => c.Node == node).Select(c => c.Usage).OfType<Usage>().ToList();
            return used.Count > 0 ? new(used.Max(u => u.At), used.Max(u => u.Window), used.Sum(u => u.Cores), used.Sum(u => u.MemoryBytes))
                : _nodes.Contains(node) ? new(now, window, 0, 0)
                : null;
        }
    }

    /// <summary>All pods that are known, in the order of their names.</summary>
    public IReadOnlyList<ObjectKey> Pods()
    {
        lock (_lock)
        {
            return [.. _containers.Keys.Select(k => k.Pod).Distinct().OrderBy(p => p.Namespace, StringComparer.Ordinal).ThenBy(p => p.Name, StringComparer.Ordinal)];
        }
    }

    private sealed record Entry(string Node, Sample Latest, Usage? Usage);
}
