using System.Text.Json.Nodes;

namespace Capstan.Quotas;

/// <summary>Amounts by the name of the resource, as in <c>spec.hard</c> and <c>status.used</c> of a quota.</summary>
public static class ResourceAmounts
{
    /// <summary>Reads the amounts of a JSON object; what is no amount is left out.</summary>
    public static Dictionary<string, Quantity> Read(JsonNode? list)
    {
        var amounts = new Dictionary<string, Quantity>();
        foreach (var (name, value) in list as JsonObject ?? [])
        {
            if (value is not null && Quantity.TryParse(value.ToString(), out var amount, out _))
            {
                amounts[name] = amount;
            }
        }

        return amounts;
    }

    /// <summary>Writes amounts, in the order of their names.</summary>
    public static JsonObject ToJson(IReadOnlyDictionary<string, Quantity> amounts) =>
        new(amounts.OrderBy(amount => amount.Key, StringComparer.Ordinal).Select(amount => KeyValuePair.Create(amount.Key, (JsonNode?)amount.Value.ToString())));
}
