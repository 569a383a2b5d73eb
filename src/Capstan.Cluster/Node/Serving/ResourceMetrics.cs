using System.Globalization;
using System.Text;
using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Node.Serving;

/// <summary><c>/metrics/resource</c>: processor time and memory of containers, pods and node since they started, in the text format of Prometheus. Metrics-server reads it.</summary>
internal static class ResourceMetrics
{
    public static string Write(RunningPods pods, ProcessSnapshot processes)
    {
        var usages = ContainerUsages.Of(pods, processes);
        var page = new StringBuilder();
        var (cpu, memory) = ("cpu_usage_seconds_total", "memory_working_set_bytes");
        Head(page, $"container_{cpu}", "counter", "Cumulative cpu time consumed by the container in core-seconds");
        foreach (var u in usages)
        {
            Line(page, $"container_{cpu}", u.Labels, u.Usage.CpuNanoseconds / 1e9, u.Usage.At);
        }

        Head(page, $"container_{memory}", "gauge", "Current working set of the container in bytes");
        foreach (var u in usages)
        {
            Line(page, $"container_{memory}", u.Labels, u.Usage.MemoryBytes, u.Usage.At);
        }

        Head(page, "container_start_time_seconds", "gauge", "Start time of the container since unix epoch in seconds");
        foreach (var u in usages)
        {
            Line(page, "container_start_time_seconds", u.Labels, (u.StartedAt - DateTimeOffset.UnixEpoch).TotalSeconds, null);
        }

        var byPod = usages.GroupBy(u => u.PodLabels).ToList();
        Head(page, $"pod_{cpu}", "counter", "Cumulative cpu time consumed by the pod in core-seconds");
        byPod.ForEach(p => Line(page, $"pod_{cpu}", p.Key, p.Sum(u => u.Usage.CpuNanoseconds) / 1e9, p.Max(u => u.Usage.At)));
        Head(page, $"pod_{memory}", "gauge", "Current working set of the pod in bytes");
        byPod.ForEach(p => Line(page, $"pod_{memory}", p.Key, p.Sum(u => u.Usage.MemoryBytes), p.Max(u => u.Usage.At)));
        Head(page, $"node_{cpu}", "counter", "Cumulative cpu time consumed by the node in core-seconds");
        Line(page, $"node_{cpu}", "", usages.Sum(u => u.Usage.CpuNanoseconds) / 1e9, null);
        Head(page, $"node_{memory}", "gauge", "Current working set of the node in bytes");
        Line(page, $"node_{memory}", "", usages.Sum(u => u.Usage.MemoryBytes), null);
        Head(page, "resource_scrape_error", "gauge", "1 if there was an error while getting container metrics, 0 otherwise");
        Line(page, "resource_scrape_error", "", 0, null);
        return page.ToString();
    }

    private static void Head(StringBuilder page, string name, string type, string help) => page.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private static void Line(StringBuilder page, string name, string labels, double value, DateTimeOffset? at)
    {
        page.Append(name);
        if (labels.Length > 0)
        {
            page.Append('{').Append(labels).Append('}');
        }

        page.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture));
        if (at is { } time)
        {
            page.Append(' ').Append(time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        }

        page.Append('\n');
    }
}
