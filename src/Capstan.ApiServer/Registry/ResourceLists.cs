using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry;

/// <summary>Reads quantities, and adds up lists of them.</summary>
internal static class ResourceLists
{
    /// <summary>The quantity in a field, written as text or as a number; null when it is none.</summary>
    public static Quantity? Of(JsonNode? value) =>
        Capstan.Quantity.TryParse(value.Text() ?? value?.ToJsonString(), out var quantity, out _) ? quantity : null;

    /// <summary>The quantities of a resource list; what is none is left out.</summary>
    public static Dictionary<string, Quantity> ListOf(JsonObject? list)
    {
        var amounts = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var (name, value) in list ?? [])
        {
            if (Of(value) is { } amount)
            {
                amounts[name] = amount;
            }
        }

        return amounts;
    }

    /// <summary>Adds each quantity to that of the same name.</summary>
    public static void Add(this Dictionary<string, Quantity> sum, Dictionary<string, Quantity> more)
    {
        foreach (var (name, amount) in more)
        {
            sum[name] = sum.TryGetValue(name, out var before) ? before.Add(amount) : amount;
        }
    }

    /// <summary>Keeps of each name the larger quantity.</summary>
    public static void Raise(this Dictionary<string, Quantity> to, Dictionary<string, Quantity> others)
    {
        foreach (var (name, amount) in others)
        {
            if (!to.TryGetValue(name, out var before) || amount > before)
            {
                to[name] = amount;
            }
        }
    }
}
