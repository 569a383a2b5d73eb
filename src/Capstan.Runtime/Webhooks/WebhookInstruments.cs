using System.Diagnostics.Metrics;

namespace Capstan.Webhooks;

/// <summary>The <c>controller_runtime_webhook_*</c> metrics of an operator's webhooks, by path.</summary>
internal sealed class WebhookInstruments
{
    private readonly Histogram<double> _latency;
    private readonly Counter<long> _total, _panics, _conversionPanics;
    private readonly UpDownCounter<long> _inFlight;

    public WebhookInstruments(Meter meter, IEnumerable<string> paths)
    {
        _total = meter.CreateCounter<long>("controller_runtime_webhook_requests_total", null, "Admission requests by HTTP status code");
        _inFlight = meter.CreateUpDownCounter<long>("controller_runtime_webhook_requests_in_flight", null, "Admission requests that are being answered");
        _panics = meter.CreateCounter<long>("controller_runtime_webhook_panics_total", null, "Admission requests that met a bug in the program");
        _conversionPanics = meter.CreateCounter<long>("controller_runtime_conversion_webhook_panics_total", null, "Conversions that met a bug in the program");
        _latency = meter.CreateHistogram<double>("controller_runtime_webhook_latency_seconds", "s", "Time that an admission request took");
        _panics.Add(0);
        _conversionPanics.Add(0);
        foreach (var path in paths)
        {
            // The instrument of the same name is the same one; its tag makes the empty series.
            _ = meter.CreateHistogram<double>("controller_runtime_webhook_latency_seconds", "s", "Time that an admission request took", [Of(path)]);
            _inFlight.Add(0, Of(path));
            foreach (var code in (ReadOnlySpan<string>)["200", "500"])
            {
                _total.Add(0, Of(path), new("code", code));
            }
        }
    }

    public void Started(string path) => _inFlight.Add(1, Of(path));

    public void Ended(string path, string code, TimeSpan took)
    {
        _inFlight.Add(-1, Of(path));
        _latency.Record(took.TotalSeconds, Of(path));
        _total.Add(1, Of(path), new("code", code));
    }

    public void Panicked() => _panics.Add(1);

    public void ConversionPanicked() => _conversionPanics.Add(1);

    private static KeyValuePair<string, object?> Of(string path) => new("webhook", path);
}
