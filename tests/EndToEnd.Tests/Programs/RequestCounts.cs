using System.Globalization;
using System.Text.RegularExpressions;

namespace EndToEnd.Tests.Programs;

/// <summary>The server's own count of requests (<c>apiserver_request_total</c>) at one moment.</summary>
internal sealed partial class RequestCounts
{
    private readonly Dictionary<(string Verb, string Resource, string Subresource, string Code), long> _counts = [];

    /// <summary>Reads the Prometheus text of <c>/metrics</c>.</summary>
    public static RequestCounts Read(string metrics)
    {
        var counts = new RequestCounts();
        foreach (var line in metrics.Split('\n').Where(line => line.StartsWith("apiserver_request_total{", StringComparison.Ordinal)))
        {
            var labels = Label().Matches(line).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
            var key = (labels["verb"], labels["resource"], labels["subresource"], labels["code"]);
            var value = double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
            counts._counts[key] = counts._counts.GetValueOrDefault(key) + (long)value;
        }

        Assert.NotEmpty(counts._counts);
        return counts;
    }

    /// <summary>The requests since <paramref name="before"/>, those that were none left out.</summary>
    public IReadOnlyDictionary<(string Verb, string Resource, string Subresource, string Code), long> Since(RequestCounts before) =>
        _counts
            .Select(entry => (entry.Key, Count: entry.Value - before._counts.GetValueOrDefault(entry.Key)))
            .Where(entry => entry.Count != 0)
            .ToDictionary(entry => entry.Key, entry => entry.Count);

    [GeneratedRegex("([a-z_]+)=\"([^\"]*)\"")]
    private static partial Regex Label();
}
