using System.Text.Json.Nodes;

namespace Capstan.Quotas;

/// <summary>What a pod as a whole asks for, from what its containers ask for.</summary>
internal static class PodResources
{
    /// <summary>All containers, those that prepare the pod included.</summary>
    public static IEnumerable<JsonObject> Containers(JsonNode? spec) => List(spec, "containers").Concat(List(spec, "initContainers"));

    public static Dictionary<string, Quantity> Requests(JsonNode? spec)
    {
        var total = Total(spec, "requests");
        foreach (var (name, amount) in ResourceAmounts.Read(spec?["overhead"]))
        {
            total[name] = total.GetValueOrDefault(name).Add(amount);
        }

        return total;
    }

    public static Dictionary<string, Quantity> Limits(JsonNode? spec)
    {
        var total = Total(spec, "limits");
        foreach (var (name, amount) in ResourceAmounts.Read(spec?["overhead"]).Where(overhead => total.ContainsKey(overhead.Key)))
        {
            total[name] = total[name].Add(amount);
        }

        return total;
    }

    /// <summary>Whether the pod says for all its containers together what they may use.</summary>
    public static bool HasOwn(JsonNode? spec) => OwnOf(spec, "requests").Count + OwnOf(spec, "limits").Count > 0;

    /// <summary>Whether nothing of it has a claim to cpu or memory.</summary>
    public static bool IsBestEffort(JsonNode? spec)
    {
        string[] kinds = ["requests", "limits"];
        var all = Containers(spec).Append(spec).SelectMany(holder => kinds.SelectMany(kind => ResourceAmounts.Read(holder?["resources"]?[kind])));
        return !all.Any(amount => amount.Key is "cpu" or "memory" && amount.Value.Sign > 0);
    }

    private static Dictionary<string, Quantity> Total(JsonNode? spec, string kind)
    {
        var running = new Dictionary<string, Quantity>();
        foreach (var container in List(spec, "containers"))
        {
            Add(running, ResourceAmounts.Read(container["resources"]?[kind]));
        }

        // Those that prepare run one after the other, before the rest; sidecars among them stay.
        var preparing = new Dictionary<string, Quantity>();
        var sidecars = new Dictionary<string, Quantity>();
        foreach (var container in List(spec, "initContainers"))
        {
            var asked = ResourceAmounts.Read(container["resources"]?[kind]);
            if ((string?)container["restartPolicy"] == "Always")
            {
                Add(running, asked);
                Add(sidecars, asked);
                Raise(preparing, sidecars);
            }
            else
            {
                Add(asked, sidecars);
                Raise(preparing, asked);
            }
        }

        Raise(running, preparing);
        foreach (var (name, amount) in OwnOf(spec, kind))
        {
            running[name] = amount;
        }

        return running;
    }

    private static Dictionary<string, Quantity> OwnOf(JsonNode? spec, string kind) =>
        ResourceAmounts.Read(spec?["resources"]?[kind]).Where(own => own.Key is "cpu" or "memory" || own.Key.StartsWith("hugepages-", StringComparison.Ordinal)).ToDictionary();

    private static IEnumerable<JsonObject> List(JsonNode? spec, string name) => (spec?[name] as JsonArray ?? []).OfType<JsonObject>();

    private static void Add(Dictionary<string, Quantity> to, Dictionary<string, Quantity> more)
    {
        foreach (var (name, amount) in more)
        {
            to[name] = to.TryGetValue(name, out var before) ? before.Add(amount) : amount;
        }
    }

    private static void Raise(Dictionary<string, Quantity> to, Dictionary<string, Quantity> atLeast)
    {
        foreach (var (name, amount) in atLeast)
        {
            if (!to.TryGetValue(name, out var before) || before < amount)
            {
                to[name] = amount;
            }
        }
    }
}
