using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Recordings.Tests.Comparing;

/// <summary>Replaces what differs from run to run, by the rules of <c>replay</c>.</summary>
/// <param name="names">Values that are replaced by the names of variables, in this order.</param>
internal sealed partial class Masking(IReadOnlyList<(string Value, string Name)> names)
{
    private static readonly string[] ManagerOrder = ["manager", "operation", "subresource", "apiVersion"];

    public JsonNode? Of(JsonNode? node, string key = "")
    {
        switch (node)
        {
            case JsonObject members:
                var masked = new JsonObject();
                foreach (var (name, value) in members)
                {
                    masked[Text(name)] = Of(value, name);
                }

                return masked;
            case JsonArray items:
                var list = items.Select(item => Of(item, key)).ToList();

                // Kubernetes orders these by time first, and times are masked.
                return new JsonArray([.. key == "managedFields" && list.All(item => item is JsonObject) ? Ordered(list) : list]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return Of(value.GetValue<string>(), key);
            case JsonValue value when key is "nodePort" or "healthCheckNodePort" && value.GetValueKind() == JsonValueKind.Number
                && PythonJson.IsInteger(value.ToJsonString()) && value.ToJsonString() != "0":
                return "<port>";
            default:
                return node?.DeepClone();
        }
    }

    private string Of(string text, string key) => key switch
    {
        "resourceVersion" or "resourceVersionMatch" when text.Length > 0 && text.All(char.IsAsciiDigit) => text == "0" ? "0" : "<rv>",
        "uid" when WholeUid().IsMatch(text) => "<uid>",
        _ when WholeTime().IsMatch(text) => "<time>",
        "continue" when text.Length > 0 => "<continue>",
        "clusterIP" or "clusterIPs" when ClusterIp().IsMatch(text) => "<ip>",
        "token" when Jwt().IsMatch(text) => "<token>",
        "cells" when Age().IsMatch(text) => "<age>",
        _ => Text(text),
    };

    private string Text(string text)
    {
        foreach (var (value, name) in names)
        {
            text = text.Replace(value, "${" + name + "}", StringComparison.Ordinal);
        }

        text = TokenVolume().Replace(TimeWithin().Replace(Uid().Replace(text, "<uid>"), "<time>"), "kube-api-access-<x>");
        text = QuotedVersion().Replace(text, "$1<rv>");
        return NamedVersion().Replace(text, match => match.Groups[1].Value == "(" ? match.Value : match.Groups[1].Value + "<rv>");
    }

    private static IEnumerable<JsonNode?> Ordered(IEnumerable<JsonNode?> managers)
    {
        var ordered = managers.OrderBy(_ => 0);
        foreach (var field in ManagerOrder)
        {
            ordered = ordered.ThenBy(entry => entry!.AsObject().TryGetPropertyValue(field, out var value) ? value?.ToString() ?? "None" : "", StringComparer.Ordinal);
        }

        return ordered;
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")]
    private static partial Regex WholeTime();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")]
    private static partial Regex TimeWithin();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex(@"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\z")]
    private static partial Regex WholeUid();

    [GeneratedRegex(@"^(10\.\d+\.\d+\.\d+|127\.\d+\.\d+\.\d+)$")]
    private static partial Regex ClusterIp();

    [GeneratedRegex(@"\A(\d+d)?(\d+h)?(\d+m)?(\d+s)?(?<=[dhms])\z")]
    private static partial Regex Age();

    [GeneratedRegex(@"kube-api-access-[a-z0-9]{5}\b")]
    private static partial Regex TokenVolume();

    [GeneratedRegex(@"^eyJ[\w-]+\.[\w-]+\.[\w-]+$")]
    private static partial Regex Jwt();

    [GeneratedRegex(@"(""resourceVersion\\*"":\\*""|ResourceVersion in record \(|current: )\d+")]
    private static partial Regex QuotedVersion();

    [GeneratedRegex(@"(resource ?[vV]ersion[^0-9a-zA-Z]{1,4}|too old resource version: |\()(\d{1,12})(?= \(\d+\)|\))?")]
    private static partial Regex NamedVersion();
}
