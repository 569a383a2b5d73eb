using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>What a pod asks for, or may use at most, as a whole.</summary>
internal static class PodResources
{
    private static readonly string[] OfPods = ["cpu", "memory"];

    /// <summary>The sum over its containers; init containers run one after the other, except those that keep running.</summary>
    /// <param name="spec">Spec of the pod.</param>
    /// <param name="which"><c>requests</c> or <c>limits</c>.</param>
    public static Dictionary<string, Quantity> Sum(JsonObject? spec, string which)
    {
        Dictionary<string, Quantity> sum = [], running = [], most = [];
        foreach (var container in spec.Items("containers"))
        {
            sum.Add(ResourceLists.ListOf(container.Map("resources", which)));
        }

        foreach (var container in spec.Items("initContainers"))
        {
            var amounts = ResourceLists.ListOf(container.Map("resources", which));
            if (container.Text("restartPolicy") == "Always")
            {
                sum.Add(amounts);
                running.Add(amounts);
                most.Raise(running);
            }
            else
            {
                amounts.Add(running);
                most.Raise(amounts);
            }
        }

        sum.Raise(most);
        foreach (var (name, amount) in ResourceLists.ListOf(spec.Map("resources", which)).Where(a => OfPods.Contains(a.Key)))
        {
            sum[name] = amount;
        }

        return sum;
    }
}
