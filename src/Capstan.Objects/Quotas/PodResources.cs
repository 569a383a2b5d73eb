using System.Text.Json.Nodes;

namespace Capstan.Quotas;

/// <summary>What a pod as a whole asks for, from what its containers ask for.</summary>
public static class PodResources
{
    /// <summary>All containers, those that prepare the pod included.</summary>
    internal static IEnumerable<JsonObject> Containers(JsonNode? spec) => List(spec, "containers").Concat(List(spec, "initContainers"));

    internal static Dictionary<string, Quantity> Requests(JsonNode? spec)
    {
        var total = Total(spec, "requests");
        foreach (var (name, amount) in ResourceAmounts.Read(spec?["overhead"]))
        {
            total[name] = total.GetValueOrDefault(name).Add(amount);
        }

        return total;
    }

    internal static Dictionary<string, Quantity> Limits(JsonNode? spec)
    {
        var total = Total(spec, "limits");
        foreach (var (name, amount) in ResourceAmounts.Read(spec?["overhead"]).Where(overhead => total.ContainsKey(overhead.Key)))
        {
            total[name] = total[name].Add(amount);
        }

        return total;
    }

    /// <summary>Whether the pod says for all its containers together what they may use.</summary>
    internal static bool HasOwn(JsonNode? spec) => OwnOf(spec, "requests").Count + OwnOf(spec, "limits").Count > 0;

    /// <summary>Whether nothing of it has a claim to cpu or memory.</summary>
    internal static bool IsBestEffort(JsonNode? spec)
    {
        string[] kinds = ["requests", "limits"];
        var all = Containers(spec).Append(spec).SelectMany(holder => kinds.SelectMany(kind => ResourceAmounts.Read(holder?["resources"]?[kind])));
        return !all.Any(amount => amount.Key is "cpu" or "memory" && amount.Value.Sign > 0);
    }

    /// <summary>The sum over its containers, whatever it says as a whole: those that prepare it run one after the other, before the rest, but sidecars among them stay.</summary>
    /// <param name="spec">Spec of the pod.</param>
    /// <param name="kind"><c>requests</c> or <c>limits</c>.</param>
    /// <returns>Amounts by the name of the resource; the caller's own.</returns>
    public static Dictionary<string, Quantity> OfContainers(JsonNode? spec, string kind)
    {
        var running = new Dictionary<string, Quantity>();
        foreach (var container in List(spec, "containers"))
        {
            Add(running, ResourceAmounts.Read(container["resources"]?[kind]));
        }

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
        return running;
    }

    private static Dictionary<string, Quantity> Total(JsonNode? spec, string kind)
    {
        var total = OfContainers(spec, kind);
        foreach (var (name, amount) in OwnOf(spec, kind))
        {
            total[name] = amount;
        }

        return total;
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
