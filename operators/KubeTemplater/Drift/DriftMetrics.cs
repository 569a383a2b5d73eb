using System.Diagnostics.Metrics;

namespace KubeTemplater.Drift;

/// <summary>How much drift there is. Never labelled by template.</summary>
internal sealed class DriftMetrics
{
    private readonly Counter<long> _detected;
    private readonly Counter<long> _corrected;

    public DriftMetrics(Meter meter, LiveObjects live, Flapping flapping)
    {
        _detected = meter.CreateCounter<long>("kubetemplater_drift_detected_total", description: "Objects found changed, deleted or replaced by others");
        _corrected = meter.CreateCounter<long>("kubetemplater_drift_corrected_total", description: "Attempts to put an object right, by result");
        foreach (var kind in Enum.GetValues<DriftKind>())
        {
            _detected.Add(0, Tag("drift", kind.ToString()));
        }

        foreach (var ok in (ReadOnlySpan<bool>)[true, false])
        {
            Count(_corrected, ok, 0);
        }

        meter.CreateObservableGauge(
            "kubetemplater_drift_kinds",
            () =>
            {
                var (watched, starting, unwatchable) = live.Count;
                return (Measurement<int>[])[new(watched, Tag("state", "watched")), new(starting, Tag("state", "starting")), new(unwatchable, Tag("state", "unwatchable"))];
            },
            description: "Kinds of which templates made objects, by how changes of these are seen");
        meter.CreateObservableGauge("kubetemplater_drift_recent_objects", () => flapping.Count, description: "Objects that were put right lately, and may be flapping");
    }

    /// <summary>An object was found not to be as the template made it.</summary>
    public void Detected(DriftKind kind) => _detected.Add(1, Tag("drift", kind.ToString()));

    /// <summary>It was tried to put it right.</summary>
    public void Corrected(bool succeeded) => Count(_corrected, succeeded, 1);

    private static void Count(Counter<long> counter, bool succeeded, long by) => counter.Add(by, Tag("result", succeeded ? "success" : "failed"));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
