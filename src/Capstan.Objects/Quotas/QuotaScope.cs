using System.Text.Json.Nodes;

namespace Capstan.Quotas;

/// <summary>One condition on the objects that a quota counts.</summary>
internal sealed record QuotaScope(string Name, string Operator, IReadOnlyList<string> Values)
{
    /// <summary>The conditions of a quota: all must hold.</summary>
    public static IEnumerable<QuotaScope> Of(JsonNode? quotaSpec)
    {
        foreach (var name in quotaSpec?["scopes"] as JsonArray ?? [])
        {
            yield return new((string?)name ?? "", "Exists", []);
        }

        foreach (var selector in quotaSpec?["scopeSelector"]?["matchExpressions"] as JsonArray ?? [])
        {
            var values = (selector?["values"] as JsonArray ?? []).Select(value => (string?)value ?? "");
            yield return new((string?)selector?["scopeName"] ?? "", (string?)selector?["operator"] ?? "", [.. values]);
        }
    }

    /// <summary>Whether an object has what is asked for, of the names that it has; none is a name too: its absence.</summary>
    public bool Matches(IReadOnlyCollection<string> names) => Operator switch
    {
        "Exists" => names.Count > 0,
        "DoesNotExist" => names.Count == 0,
        "In" => names.Any(Values.Contains),
        "NotIn" => !names.Any(Values.Contains),
        _ => false,
    };
}
