using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Capstan.Diagnostics;

internal enum MetricType
{
    Counter,
    ObservedCounter,
    Gauge,
    ObservedGauge,
    UpDownCounter,
    Histogram,
}

/// <summary>All series of one metric name.</summary>
internal sealed class MetricFamily
{
    private static readonly double[] DefaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private readonly MetricType _type;
    private readonly string _help;
    private readonly double[] _buckets;
    private readonly ConcurrentQueue<KeyValuePair<string, object?>[]> _declared = [];
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], MetricSeries> _series = new(TagsComparer.Instance);
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], MetricSeries>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _byTags;

    public MetricFamily(string name, MetricType type, Instrument instrument)
    {
        Name = name;
        _type = type;
        _help = instrument.Description ?? "";
        _buckets = BucketsOf(instrument) ?? DefaultBuckets;
        _byTags = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public string Name { get; }

    /// <summary>How an instrument's measurements add up; null for a kind of instrument that is not known.</summary>
    public static MetricType? TypeOf(Instrument instrument) => instrument switch
    {
        Counter<long> or Counter<int> or Counter<double> => MetricType.Counter,
        ObservableCounter<long> or ObservableCounter<int> or ObservableCounter<double> => MetricType.ObservedCounter,
        Gauge<long> or Gauge<int> or Gauge<double> => MetricType.Gauge,
        ObservableGauge<long> or ObservableGauge<int> or ObservableGauge<double>
            or ObservableUpDownCounter<long> or ObservableUpDownCounter<int> or ObservableUpDownCounter<double> => MetricType.ObservedGauge,
        UpDownCounter<long> or UpDownCounter<int> or UpDownCounter<double> => MetricType.UpDownCounter,
        Histogram<long> or Histogram<int> or Histogram<double> => MetricType.Histogram,
        _ => null,
    };

    /// <summary>Makes the series of an instrument's own tags, before anything is measured. Only for histograms: of others a zero can be recorded.</summary>
    public void Declare(IEnumerable<KeyValuePair<string, object?>>? tags)
    {
        if (_type == MetricType.Histogram && tags is not null)
        {
            KeyValuePair<string, object?>[] declared = [.. tags];
            _series.GetOrAdd(declared, static (tags, family) => new(tags, family._buckets), this);
            _declared.Enqueue(declared);
        }
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, int scrape)
    {
        if (!_byTags.TryGetValue(tags, out var one))
        {
            Undeclare(tags);
            one = _series.GetOrAdd(tags.ToArray(), static (tags, family) => new(tags, family._type == MetricType.Histogram ? family._buckets : null), this);
        }

        switch (_type)
        {
            case MetricType.Histogram:
                one.Observe(value);
                break;
            case MetricType.Counter or MetricType.UpDownCounter:
                one.Add(value);
                break;
            default:
                one.Set(value, scrape);
                break;
        }
    }

    public void Write(StringBuilder page, int scrape)
    {
        var observed = _type is MetricType.ObservedCounter or MetricType.ObservedGauge;
        var shown = _series.Values.Where(one => !observed || one.Scrape == scrape).OrderBy(one => one.Labels, StringComparer.Ordinal).ToList();
        if (shown.Count == 0)
        {
            return;
        }

        page.Append("# HELP ").Append(Name).Append(' ').Append(PrometheusText.Help(_help)).Append('\n');
        page.Append("# TYPE ").Append(Name).Append(' ').Append(TypeName).Append('\n');
        foreach (var one in shown)
        {
            one.Write(page, Name);
        }
    }

    /// <summary>An instrument has its tags in order of name, a measurement in its own: the empty series goes when the same labels come in another order.</summary>
    private void Undeclare(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var declared in _declared)
        {
            if (declared.Length == tags.Length && AllIn(tags, declared))
            {
                _series.TryRemove(declared, out _);
            }
        }
    }

    private static bool AllIn(ReadOnlySpan<KeyValuePair<string, object?>> tags, KeyValuePair<string, object?>[] declared)
    {
        foreach (var (name, value) in tags)
        {
            if (!Array.Exists(declared, tag => tag.Key == name && Equals(tag.Value, value)))
            {
                return false;
            }
        }

        return true;
    }

    private string TypeName => _type switch
    {
        MetricType.Counter or MetricType.ObservedCounter => "counter",
        MetricType.Histogram => "histogram",
        _ => "gauge",
    };

    private static double[]? BucketsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => null,
    };
}
