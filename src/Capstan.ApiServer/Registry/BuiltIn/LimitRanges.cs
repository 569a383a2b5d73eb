using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.Quotas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Holds pods and claims to the LimitRanges of their namespace, and gives containers the amounts that those have as defaults.</summary>
internal sealed class LimitRanges(ClusterState cluster)
{
    private const string Note = "kubernetes.io/limit-ranger";
    private static readonly GroupResource Resource = new("", "limitranges");

    /// <summary>Gives the containers of a new pod what they do not say themselves.</summary>
    public void SetDefaults(WriteRequest request, JsonObject pod)
    {
        foreach (var range in cluster.List(Resource, request.Info.Namespace))
        {
            var items = range.Items("spec", "limits").Where(i => i.Text("type") == "Container").ToList();
            List<string> added = [];
            foreach (var (list, what) in (ReadOnlySpan<(string, string)>)[("containers", "container"), ("initContainers", "init container")])
            {
                foreach (var container in pod.Items("spec", list).OfType<JsonObject>())
                {
                    AddDefaults(container, "requests", items, "defaultRequest", $"request for {what}", added);
                    AddDefaults(container, "limits", items, "default", $"limit for {what}", added);
                }
            }

            if (added.Count > 0)
            {
                pod["metadata"]!.AsObject().GetOrAddMap("annotations")![Note] = $"LimitRanger plugin set: {string.Join("; ", added)}";
            }
        }
    }

    /// <summary>Refuses what is not within the limits.</summary>
    /// <exception cref="ApiError">403: so it is.</exception>
    public void Check(WriteRequest request, JsonObject obj, JsonObject? old)
    {
        if (old.Text("metadata", "deletionTimestamp") is not null)
        {
            return;
        }

        foreach (var range in cluster.List(Resource, request.Info.Namespace))
        {
            List<string> faults = [];
            foreach (var limit in range.Items("spec", "limits").OfType<JsonObject>())
            {
                if (request.Served.Type.Kind == "Pod")
                {
                    CheckPod(limit, obj, faults);
                }
                else if (limit.Text("type") == "PersistentVolumeClaim")
                {
                    CheckClaim(limit, ResourceAmounts.Read(obj.Map("spec", "resources", "requests")), faults);
                }
            }

            faults = [.. faults.Distinct()];
            if (faults.Count > 0)
            {
                throw request.Refused(obj, faults.Count == 1 ? faults[0] : $"[{string.Join(", ", faults)}]");
            }
        }
    }

    private static void AddDefaults(JsonObject container, string which, List<JsonNode?> items, string from, string what, List<string> added)
    {
        // Of several items of one range the last one counts.
        var defaults = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var (name, value) in items.SelectMany(i => i.Map(from) ?? []))
        {
            defaults[name] = value!;
        }

        var resources = container.GetOrAddMap("resources")!;
        var missing = defaults.Where(d => resources.At(which, d.Key) is null).ToList();
        foreach (var (name, value) in missing)
        {
            resources.GetOrAddMap(which)![name] = value.DeepClone();
        }

        if (missing.Count > 0)
        {
            added.Add($"{string.Join(", ", missing.Select(m => m.Key))} {what} {container.Text("name")}");
        }
    }

    private static void CheckPod(JsonObject limit, JsonObject pod, List<string> faults)
    {
        switch (limit.Text("type"))
        {
            case "Container":
                foreach (var container in pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers")))
                {
                    CheckAmounts(limit, "Container", ResourceAmounts.Read(container.Map("resources", "requests")), ResourceAmounts.Read(container.Map("resources", "limits")), faults);
                }

                break;
            case "Pod":
                CheckAmounts(limit, "Pod", OfPod(pod.Map("spec"), "requests"), OfPod(pod.Map("spec"), "limits"), faults);
                break;
        }
    }

    // What a pod says as a whole counts instead of what its containers come to.
    private static Dictionary<string, Quantity> OfPod(JsonObject? spec, string which)
    {
        var sum = PodResources.OfContainers(spec, which);
        foreach (var (name, amount) in ResourceAmounts.Read(spec.At("resources", which)).Where(own => own.Key is "cpu" or "memory"))
        {
            sum[name] = amount;
        }

        return sum;
    }

    private static void CheckClaim(JsonObject limit, Dictionary<string, Quantity> requests, List<string> faults)
    {
        CheckMinima(limit, "PersistentVolumeClaim", requests, [], faults);
        foreach (var (name, most) in Sorted(limit, "max"))
        {
            var what = $"maximum {name} usage per PersistentVolumeClaim is {most}";
            if (!requests.TryGetValue(name, out var request))
            {
                faults.Add($"{what}.  No request is specified");
            }
            else if (request > most)
            {
                faults.Add($"{what}, but request is {request}");
            }
        }
    }

    private static void CheckAmounts(JsonObject limit, string type, Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits, List<string> faults)
    {
        CheckMinima(limit, type, requests, limits, faults);
        foreach (var (name, most) in Sorted(limit, "max"))
        {
            var what = $"maximum {name} usage per {type} is {most}";
            if (!limits.TryGetValue(name, out var given))
            {
                faults.Add($"{what}.  No limit is specified");
            }
            else if (given > most)
            {
                faults.Add($"{what}, but limit is {given}");
            }
            else if (requests.TryGetValue(name, out var request) && request > most)
            {
                faults.Add($"{what}, but request is {request}");
            }
        }

        foreach (var (name, most) in Sorted(limit, "maxLimitRequestRatio"))
        {
            CheckRatio($"{name} max limit to request ratio per {type} is {most}", most, requests, limits, name, faults);
        }
    }

    private static void CheckMinima(JsonObject limit, string type, Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits, List<string> faults)
    {
        foreach (var (name, least) in Sorted(limit, "min"))
        {
            var what = $"minimum {name} usage per {type} is {least}";
            if (!requests.TryGetValue(name, out var request))
            {
                faults.Add($"{what}.  No request is specified");
            }
            else if (request < least)
            {
                faults.Add($"{what}, but request is {request}");
            }
            else if (limits.TryGetValue(name, out var given) && given < least)
            {
                faults.Add($"{what}, but limit is {given}");
            }
        }
    }

    private static void CheckRatio(string what, Quantity most, Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits, string name, List<string> faults)
    {
        if (!requests.TryGetValue(name, out var request) || request.Sign == 0)
        {
            faults.Add($"{what}, but no request is specified or request is 0");
        }
        else if (!limits.TryGetValue(name, out var limit) || limit.Sign == 0)
        {
            faults.Add($"{what}, but no limit is specified or limit is 0");
        }
        else
        {
            // In thousandths, as whole numbers: 0.3 / 0.1 is not 3 in binary.
            var ratio = Math.Ceiling(limit.AsApproximateDouble() * 1000) / Math.Ceiling(request.AsApproximateDouble() * 1000);
            if (ratio > most.AsApproximateDouble())
            {
                faults.Add($"{what}, but provided ratio is {ratio.ToString("F6", CultureInfo.InvariantCulture)}");
            }
        }
    }

    private static IOrderedEnumerable<KeyValuePair<string, Quantity>> Sorted(JsonObject limit, string which) =>
        ResourceAmounts.Read(limit.Map(which)).OrderBy(a => a.Key, StringComparer.Ordinal);
}
