using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Capstan.Diagnostics;

/// <summary>The current values of chosen meters, as a page in the Prometheus text format 0.0.4.</summary>
/// <remarks>Instruments keep their names. A histogram whose instrument has tags begins with an empty series of these labels: a rate needs its zero. Series are in order of name and labels, so that two pages can be compared. Thread-safe.</remarks>
public sealed class PrometheusPage : IDisposable
{
    /// <summary>Media type of the page.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly Lock _rendering = new();
    private int _scrape;

    /// <summary>Starts to listen: what was recorded before is not on the page, but for observable instruments.</summary>
    /// <param name="includes">Which meters are on the page.</param>
    public PrometheusPage(Func<Meter, bool> includes)
    {
        _listener.InstrumentPublished = (instrument, subject) =>
        {
            if (includes(instrument.Meter) && MetricFamily.TypeOf(instrument) is { } type)
            {
                var family = _families.GetOrAdd(PrometheusText.Name(instrument.Name), static (name, arg) => new(name, arg.type, arg.instrument), (type, instrument));
                family.Declare(instrument.Tags);
                subject.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(value, tags, state));
        _listener.Start();
    }

    /// <summary>The page as of now.</summary>
    public string Render()
    {
        // Observable instruments answer with all their series each time: those that no longer answer are left out.
        lock (_rendering)
        {
            Volatile.Write(ref _scrape, _scrape + 1);
            _listener.RecordObservableInstruments();
            var page = new StringBuilder(16 * 1024);
            foreach (var family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
            {
                family.Write(page, _scrape);
            }

            return page.ToString();
        }
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _listener.Dispose();

    private void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
        ((MetricFamily)state!).Record(value, tags, Volatile.Read(ref _scrape));
}
