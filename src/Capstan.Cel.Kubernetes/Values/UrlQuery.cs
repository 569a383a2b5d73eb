namespace Capstan.Cel.Kubernetes;

/// <summary>Reads the pairs of a query.</summary>
internal static class UrlQuery
{
    private const int MaxPairs = 10_000;

    /// <summary>The values by name; nothing at all when there are more than 10,000 pairs, as in Go.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Read(string octets)
    {
        var values = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (octets.AsSpan().Count('&') >= MaxPairs)
        {
            return values;
        }

        foreach (var pair in octets.Split('&'))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = UrlEscaping.Unescape(equals < 0 ? pair : pair[..equals], UrlPart.Query, out _);
            var value = UrlEscaping.Unescape(equals < 0 ? "" : pair[(equals + 1)..], UrlPart.Query, out _);
            if (pair.Length == 0 || pair.Contains(';', StringComparison.Ordinal) || name is null || value is null)
            {
                continue;
            }

            var key = GoText.FromOctets(name);
            if (!values.TryGetValue(key, out var list))
            {
                values[key] = list = new List<string>();
            }

            ((List<string>)list).Add(GoText.FromOctets(value));
        }

        return values;
    }
}
