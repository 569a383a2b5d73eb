using System.Globalization;

namespace Capstan.Dashboard.Metrics;

/// <summary>Samples of a page in Prometheus' text format, by metric.</summary>
internal sealed class MetricsPage
{
    private readonly Dictionary<string, List<(Dictionary<string, string> Labels, double Value)>> _samples = new(StringComparer.Ordinal);

    /// <summary>Reads the metrics that are wanted; pages of API servers have far more. Lines that are no samples are passed over.</summary>
    /// <param name="text">The page.</param>
    /// <param name="wanted">Names of metrics.</param>
    public static MetricsPage Read(string text, params IReadOnlyCollection<string> wanted)
    {
        var page = new MetricsPage();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var end = line.IndexOfAny('{', ' ');
            if (end <= 0 || line[0] == '#')
            {
                continue;
            }

            foreach (var name in wanted)
            {
                if (line[..end].SequenceEqual(name) && TryRead(line[end..], out var labels, out var value))
                {
                    (page._samples.TryGetValue(name, out var list) ? list : page._samples[name] = []).Add((labels, value));
                }
            }
        }

        return page;
    }

    /// <summary>Whether there is a sample of the metric.</summary>
    public bool Has(string metric) => _samples.ContainsKey(metric);

    /// <summary>The sum over all its labels; 0 if there is none.</summary>
    public double Sum(string metric) => _samples.GetValueOrDefault(metric)?.Sum(sample => sample.Value) ?? 0;

    /// <summary>The sums by the values of some labels.</summary>
    public Dictionary<string, double> SumBy(string metric, params string[] labels)
    {
        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (found, value) in _samples.GetValueOrDefault(metric) ?? [])
        {
            var key = string.Join(' ', labels.Select(label => found.GetValueOrDefault(label, "")).Where(text => text.Length > 0));
            sums[key] = sums.GetValueOrDefault(key) + value;
        }

        return sums;
    }

    /// <summary>Reads <c>{name="value",...} number</c>, a time behind it left out.</summary>
    private static bool TryRead(ReadOnlySpan<char> rest, out Dictionary<string, string> labels, out double value)
    {
        (labels, value) = (new(StringComparer.Ordinal), 0);
        if (rest[0] == '{')
        {
            rest = rest[1..];
            while (rest.Length > 0 && rest[0] != '}')
            {
                var equals = rest.IndexOf("=\"");
                if (equals < 0 || !TryReadText(rest[(equals + 2)..], out var text, out var length))
                {
                    return false;
                }

                labels[rest[..equals].Trim().ToString()] = text;
                rest = rest[(equals + 2 + length)..].TrimStart(", ");
            }

            rest = rest.Length > 0 ? rest[1..] : rest;
        }

        rest = rest.Trim();
        var end = rest.IndexOf(' ');
        return double.TryParse(end < 0 ? rest : rest[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    /// <param name="rest">Begins behind the first quotation mark.</param>
    /// <param name="text">What is quoted.</param>
    /// <param name="length">Characters until behind the second mark.</param>
    private static bool TryReadText(ReadOnlySpan<char> rest, out string text, out int length)
    {
        var builder = new System.Text.StringBuilder();
        for (length = 0; length < rest.Length; length++)
        {
            if (rest[length] == '"')
            {
                text = builder.ToString();
                length++;
                return true;
            }

            if (rest[length] == '\\' && length + 1 < rest.Length)
            {
                length++;
                builder.Append(rest[length] == 'n' ? '\n' : rest[length]);
            }
            else
            {
                builder.Append(rest[length]);
            }
        }

        text = "";
        return false;
    }
}
