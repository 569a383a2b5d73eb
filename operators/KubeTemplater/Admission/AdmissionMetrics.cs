using System.Diagnostics.Metrics;
using Capstan;

namespace KubeTemplater.Admission;

/// <summary>What admission costs and finds. Never labelled by template or policy: that would grow without bound.</summary>
internal sealed class AdmissionMetrics
{
    // An ordinary review takes one or two milliseconds; the API server waits ten seconds.
    private static readonly InstrumentAdvice<double> Buckets = new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] };

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _violations;

    public AdmissionMetrics(Meter meter)
    {
        _duration = meter.CreateHistogram("kubetemplater_webhook_duration_seconds", "s", "Time that an admission review took, by kind, operation and result", null, Buckets);
        _violations = meter.CreateCounter<long>("kubetemplater_webhook_violations_total", description: "Violations that admission found, by the enforcement of the policy");
        foreach (var enforcement in (ReadOnlySpan<string>)["Deny", "Warn", "Audit"])
        {
            Found(enforcement, 0);
        }
    }

    /// <summary>A review ended.</summary>
    /// <param name="kind">Kind that was judged.</param>
    /// <param name="operation">What the request wanted.</param>
    /// <param name="result">The answer; null when there is none but an exception.</param>
    /// <param name="took">How long it took.</param>
    public void Reviewed(string kind, AdmissionOperation operation, AdmissionResult? result, TimeSpan took) => _duration.Record(
        took.TotalSeconds,
        new("kind", kind),
        new("operation", NameOf(operation)),
        new("result", result switch { null => "failed", { IsAllowed: false } => "denied", { Warnings.Count: > 0 } => "warned", _ => "allowed" }));

    /// <summary>Violations were found.</summary>
    public void Found(string enforcement, int violations) => _violations.Add(violations, new KeyValuePair<string, object?>("enforcement", enforcement));

    private static string NameOf(AdmissionOperation operation) => operation switch
    {
        AdmissionOperation.Create => "CREATE",
        AdmissionOperation.Update => "UPDATE",
        AdmissionOperation.Delete => "DELETE",
        _ => "CONNECT",
    };
}
