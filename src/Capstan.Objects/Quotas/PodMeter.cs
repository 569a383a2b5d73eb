using System.Text.Json.Nodes;

namespace Capstan.Quotas;

/// <summary>Pods count by number and by what they ask for; those that have ended count by number of objects alone.</summary>
internal sealed class PodMeter(GroupResource resource) : QuotaMeter(resource)
{
    private const string Requests = "requests.";
    private const string Limits = "limits.";
    private const string HugePages = "hugepages-";

    private static readonly string[] Basic = ["cpu", "memory", "ephemeral-storage"];

    // Kubernetes' own regret: under a quota of these each container must say them.
    private static readonly string[] Obligatory = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

    public override bool ChangesWithObject => true;

    public override bool Measures(string name) =>
        base.Measures(name) || name == "pods" || Basic.Any(basic => name == basic || name == Requests + basic || name == Limits + basic)
        || name.StartsWith(HugePages, StringComparison.Ordinal)
        || (name.StartsWith(Requests, StringComparison.Ordinal) && (name.StartsWith(Requests + HugePages, StringComparison.Ordinal) || IsExtended(name)));

    public override IReadOnlyDictionary<string, Quantity> Usage(JsonObject obj, DateTimeOffset now)
    {
        var usage = new Dictionary<string, Quantity>(base.Usage(obj, now));
        if (!HasEnded(obj, now))
        {
            usage["pods"] = Quantity.FromInt64(1);
            Charge(usage, PodResources.Requests(obj["spec"]), PodResources.Limits(obj["spec"]));
        }

        return usage;
    }

    public override bool IsChargedAt(string subresource, JsonObject? old, JsonObject obj) =>
        base.IsChargedAt(subresource, old, obj)
        || (subresource.Length == 0 && old is not null && HasDeadline(old) != HasDeadline(obj))
        || (subresource == "resize" && old is not null);

    public override string? Missing(IEnumerable<string> names, JsonObject obj)
    {
        if (PodResources.HasOwn(obj["spec"]))
        {
            return null;
        }

        var required = names.Where(Obligatory.Contains).Order(StringComparer.Ordinal).ToList();
        var missing = new List<string>();
        foreach (var name in required)
        {
            var containers = PodResources.Containers(obj["spec"]).Where(container => !Says(container, name))
                .Select(container => (string?)container["name"] ?? "").Distinct().Order(StringComparer.Ordinal).ToList();
            if (containers.Count > 0)
            {
                missing.Add($"{name} for: {string.Join(",", containers)}");
            }
        }

        return missing.Count == 0 ? null : $"must specify {string.Join("; ", missing)}";
    }

    private protected override bool IsInScope(QuotaScope scope, JsonObject obj) => scope.Name switch
    {
        "Terminating" => HasDeadline(obj),
        "NotTerminating" => !HasDeadline(obj),
        "BestEffort" => PodResources.IsBestEffort(obj["spec"]),
        "NotBestEffort" => !PodResources.IsBestEffort(obj["spec"]),
        "PriorityClass" => scope.Matches((string?)obj["spec"]?["priorityClassName"] is { Length: > 0 } name ? [name] : []),
        "CrossNamespacePodAffinity" => LooksIntoOtherNamespaces(obj["spec"]?["affinity"]),
        _ => false,
    };

    private static void Charge(Dictionary<string, Quantity> usage, Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits)
    {
        foreach (var (name, amount) in requests)
        {
            if (Basic.Contains(name) || name.StartsWith(HugePages, StringComparison.Ordinal))
            {
                usage[name] = usage[Requests + name] = amount;
            }
            else if (IsExtended(name))
            {
                usage[Requests + name] = amount;
            }
        }

        foreach (var (name, amount) in limits.Where(limit => Basic.Contains(limit.Key)))
        {
            usage[Limits + name] = amount;
        }
    }

    private static bool Says(JsonNode container, string name)
    {
        var (kind, what) = name.StartsWith(Limits, StringComparison.Ordinal) ? ("limits", name[Limits.Length..])
            : name.StartsWith(Requests, StringComparison.Ordinal) ? ("requests", name[Requests.Length..])
            : ("requests", name);
        return container["resources"]?[kind]?[what] is not null;
    }

    // Devices: a domain in front, and not Kubernetes' own.
    private static bool IsExtended(string name) => name.Contains('/', StringComparison.Ordinal) && !name.Contains("kubernetes.io/", StringComparison.Ordinal);

    private static bool HasDeadline(JsonObject pod) => pod["spec"]?["activeDeadlineSeconds"] is not null;

    private static bool HasEnded(JsonObject pod, DateTimeOffset now)
    {
        if ((string?)pod["status"]?["phase"] is "Failed" or "Succeeded")
        {
            return true;
        }

        // One that does not end in its time, and as much again, is stuck: others may have its place.
        return (string?)pod["metadata"]?["deletionTimestamp"] is { } deletion && pod["metadata"]?["deletionGracePeriodSeconds"] is { } grace
            && KubeTime.TryParse(deletion, out var at) && now > at + TimeSpan.FromSeconds((double)grace);
    }

    private static bool LooksIntoOtherNamespaces(JsonNode? affinity)
    {
        string[] kinds = ["podAffinity", "podAntiAffinity"];
        var required = kinds.SelectMany(kind => affinity?[kind]?["requiredDuringSchedulingIgnoredDuringExecution"] as JsonArray ?? []);
        var preferred = kinds.SelectMany(kind => affinity?[kind]?["preferredDuringSchedulingIgnoredDuringExecution"] as JsonArray ?? []).Select(term => term?["podAffinityTerm"]);
        return required.Concat(preferred).Any(term => term?["namespaces"] is JsonArray { Count: > 0 } || term?["namespaceSelector"] is not null);
    }
}
