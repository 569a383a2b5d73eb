using System.Diagnostics.Metrics;
using Capstan.Diagnostics;

namespace Capstan.Runtime.Tests;

/// <summary>What a meter of a test has recorded, line by line as Prometheus reads it.</summary>
internal sealed class MetricsReading : IDisposable
{
    private readonly PrometheusPage page;

    public MetricsReading() => page = new(meter => meter == Meter);

    public Meter Meter { get; } = new("test");

    /// <summary>The value of a series, for example <c>requests_total{code="200"}</c>; null if there is none.</summary>
    public string? this[string series] =>
        page.Render().Split('\n').FirstOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal))?[(series.Length + 1)..];

    public string Render() => page.Render();

    public void Dispose()
    {
        page.Dispose();
        Meter.Dispose();
    }
}
