using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Capstan.Diagnostics;

/// <summary>The <c>process_*</c> metrics that Prometheus clients of every language have.</summary>
internal static class ProcessInstruments
{
    public static void AddTo(Meter meter)
    {
        double startedAt;
        using (var process = Process.GetCurrentProcess())
        {
            startedAt = new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
        }

        meter.CreateObservableCounter("process_cpu_seconds_total", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "User and system CPU time spent");
        meter.CreateObservableGauge("process_resident_memory_bytes", () => Environment.WorkingSet, "By", "Resident memory");
        meter.CreateObservableGauge("process_start_time_seconds", () => startedAt, "s", "Start of the process since the Unix epoch");
        meter.CreateObservableCounter("dotnet_gc_heap_total_allocated_bytes_total", () => GC.GetTotalAllocatedBytes(), "By", "Memory that managed objects have taken since the start");
        meter.CreateObservableGauge("dotnet_gc_heap_size_bytes", () => GC.GetTotalMemory(forceFullCollection: false), "By", "Memory that managed objects take");
    }
}
