using System.Globalization;
using System.Text.RegularExpressions;

namespace Capstan.Cluster.Metrics;

/// <summary>Reads a kubelet's <c>/metrics/resource</c>.</summary>
internal static partial class ResourcePage
{
    /// <summary>All containers of the page that tell both processor time and memory.</summary>
    public static IReadOnlyDictionary<ContainerKey, Sample> Read(string page)
    {
        var cpu = new Dictionary<ContainerKey, (double Value, DateTimeOffset? At)>();
        var (memory, starts) = (new Dictionary<ContainerKey, double>(), new Dictionary<ContainerKey, double>());
        foreach (Match line in Line().Matches(page))
        {
            var labels = Label().Matches(line.Groups["labels"].Value).ToDictionary(l => l.Groups[1].Value, l => l.Groups[2].Value);
            if (!labels.TryGetValue("container", out var container) || !labels.TryGetValue("pod", out var pod) || !labels.TryGetValue("namespace", out var ns)
                || !double.TryParse(line.Groups["value"].Value, CultureInfo.InvariantCulture, out var value))
            {
                continue;
            }

            var key = new ContainerKey(new ObjectKey(ns, pod), container);
            switch (line.Groups["name"].Value)
            {
                case "container_cpu_usage_seconds_total":
                    cpu[key] = (value, long.TryParse(line.Groups["at"].Value, CultureInfo.InvariantCulture, out var at) ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);
                    break;
                case "container_memory_working_set_bytes":
                    memory[key] = value;
                    break;
                case "container_start_time_seconds":
                    starts[key] = value;
                    break;
            }
        }

        return cpu.Where(c => c.Value.At is not null && memory.ContainsKey(c.Key)).ToDictionary(
            c => c.Key,
            c => new Sample(
                c.Value.At!.Value,
                c.Value.Value,
                memory[c.Key],
                starts.TryGetValue(c.Key, out var start) ? DateTimeOffset.FromUnixTimeMilliseconds((long)(start * 1000)) : c.Value.At!.Value));
    }

    [GeneratedRegex("^(?<name>container_[a-z_]+)\\{(?<labels>[^}]*)\\} (?<value>[^ \\n]+)(?: (?<at>[0-9]+))?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Line();

    [GeneratedRegex("([a-z_]+)=\"([^\"]*)\"", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
