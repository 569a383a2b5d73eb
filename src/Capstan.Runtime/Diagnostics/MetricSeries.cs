using System.Text;

namespace Capstan.Diagnostics;

/// <summary>One metric with one set of label values. Writers do not wait for each other.</summary>
internal sealed class MetricSeries
{
    private readonly double[] _bounds;
    private readonly long[] _counts;
    private double _value;
    private int _scrape;

    /// <param name="tags">Label names and values.</param>
    /// <param name="bounds">Upper bounds of a histogram's buckets, ascending; null for a plain value.</param>
    public MetricSeries(KeyValuePair<string, object?>[] tags, double[]? bounds)
    {
        Labels = PrometheusText.Labels(tags);
        _bounds = bounds ?? [];
        _counts = bounds is null ? [] : new long[bounds.Length + 1];
    }

    /// <summary><c>a="b",c="d"</c>, escaped.</summary>
    public string Labels { get; }

    /// <summary>The scrape in which the value was observed last.</summary>
    public int Scrape => Volatile.Read(ref _scrape);

    public void Set(double observed, int inScrape)
    {
        Volatile.Write(ref _value, observed);
        Volatile.Write(ref _scrape, inScrape);
    }

    public void Add(double amount)
    {
        var seen = Volatile.Read(ref _value);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref _value, seen + amount, seen);
            if (before.Equals(seen))
            {
                return;
            }

            seen = before;
        }
    }

    public void Observe(double observed)
    {
        var bucket = 0;
        while (bucket < _bounds.Length && observed > _bounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _counts[bucket]);
        Add(observed);
    }

    public void Write(StringBuilder page, string name)
    {
        if (_counts.Length == 0)
        {
            Line(page, name, "", null, Volatile.Read(ref _value));
            return;
        }

        // The count is the sum of the buckets as they are read here, so that a page never contradicts itself.
        var total = 0L;
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            total += Interlocked.Read(ref _counts[bucket]);
            Line(page, name, "_bucket", bucket < _bounds.Length ? PrometheusText.Number(_bounds[bucket]) : "+Inf", total);
        }

        Line(page, name, "_sum", null, Volatile.Read(ref _value));
        Line(page, name, "_count", null, total);
    }

    private void Line(StringBuilder page, string name, string suffix, string? upTo, double number)
    {
        page.Append(name).Append(suffix);
        if (Labels.Length > 0 || upTo is not null)
        {
            page.Append('{').Append(Labels);
            if (upTo is not null)
            {
                page.Append(Labels.Length > 0 ? "," : "").Append("le=\"").Append(upTo).Append('"');
            }

            page.Append('}');
        }

        page.Append(' ').Append(PrometheusText.Number(number)).Append('\n');
    }
}
