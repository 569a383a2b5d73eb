using System.Diagnostics;
using System.Globalization;
using System.Text;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Http;

/// <summary>What <c>/metrics</c> shows, in Prometheus' text format 0.0.4, under the names that Kubernetes gives it.</summary>
internal sealed class MetricsPage(RequestMetrics requests, Catalogue catalogue, Store store)
{
    public string Write()
    {
        var text = new StringBuilder(16 << 10);
        requests.Write(text);
        Head(text, "apiserver_storage_objects", "gauge", "Stored objects by resource.");
        var counts = catalogue.All.Where(r => r.Verbs.Contains("list")).GroupBy(r => r.Bucket)
            .ToDictionary(r => r.Key, r => store.Read(r.Key).Objects.Count).OrderBy(r => r.Key.ToString(), StringComparer.Ordinal).ToList();
        foreach (var (resource, count) in counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"apiserver_storage_objects{{resource=\"{resource}\"}} {count}\n");
        }

        Head(text, "apiserver_resource_objects", "gauge", "Stored objects by group and resource.");
        foreach (var (resource, count) in counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"apiserver_resource_objects{{group=\"{resource.Group}\",resource=\"{resource.Resource}\"}} {count}\n");
        }

        using var process = Process.GetCurrentProcess();
        Head(text, "process_cpu_seconds_total", "counter", "Processor time of this process in seconds.");
        text.Append(CultureInfo.InvariantCulture, $"process_cpu_seconds_total {process.TotalProcessorTime.TotalSeconds}\n");
        Head(text, "process_resident_memory_bytes", "gauge", "Memory of this process that is resident, in bytes.");
        text.Append(CultureInfo.InvariantCulture, $"process_resident_memory_bytes {process.WorkingSet64}\n");
        Head(text, "process_start_time_seconds", "gauge", "When this process started, in seconds since 1970.");
        text.Append(CultureInfo.InvariantCulture, $"process_start_time_seconds {new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0}\n");
        return text.ToString();
    }

    public static void Head(StringBuilder text, string name, string type, string help) => text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
}
