using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Capstan.Dashboard.Tests;

/// <summary>Reads what a dashboard for Grafana asks for.</summary>
internal static class GrafanaFile
{
    private static readonly string[] _words = ["sum", "by", "rate", "increase", "max", "min", "histogram_quantile", "time"];

    /// <summary>Names of the metrics in all expressions, as their families are called.</summary>
    public static HashSet<string> MetricsIn(string json) =>
    [
        .. ExpressionsIn(JsonNode.Parse(json))
            .SelectMany(text => Regex.Matches(Regex.Replace(text, @"\{[^}]*\}|by \([^)]*\)|\$__\w+|\[\w+\]", ""), "[a-z_][a-z0-9_]+").Select(match => match.Value))
            .Where(word => !_words.Contains(word))
            .Select(word => Regex.Replace(word, "_(bucket|sum|count)$", "")),
    ];

    /// <summary>Names of the families on a page of metrics.</summary>
    public static HashSet<string> MetricsOn(string page) => [.. Regex.Matches(page, @"^# TYPE (\S+) ", RegexOptions.Multiline).Select(match => match.Groups[1].Value)];

    private static IEnumerable<string> ExpressionsIn(JsonNode? node) => node switch
    {
        JsonObject one => one.SelectMany(member => member.Key == "expr" ? [(string)member.Value!] : ExpressionsIn(member.Value)),
        JsonArray many => many.SelectMany(ExpressionsIn),
        _ => [],
    };
}
