using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Names of what is counted and limited: what a container uses, what a namespace may have.</summary>
internal static class ResourceNames
{
    private const string HugePages = "hugepages-";
    private const string Requests = "requests.";
    private static readonly HashSet<string> OfContainers = ["cpu", "memory", "ephemeral-storage"];
    private static readonly HashSet<string> Objects =
    [
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
    ];

    private static readonly HashSet<string> OfQuotas =
    [
        .. OfContainers, .. Objects, "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    ];

    /// <summary>Whether a quota can limit it by this name without a domain.</summary>
    public static bool IsOfQuotas(string name) => OfQuotas.Contains(name) || IsHugePages(name) || name.StartsWith(Requests + HugePages, StringComparison.Ordinal);

    /// <summary>Whether requests and limits may differ.</summary>
    public static bool MayBeOvercommitted(string name) => IsNative(name) && !IsHugePages(name);

    /// <summary>The name must be well formed and, without a domain, known.</summary>
    public static void Check(Place place, string name)
    {
        var faults = LabelSyntax.KeyFaults(name);
        foreach (var fault in faults)
        {
            place.Invalid(name, fault);
        }

        if (faults.Count == 0 && !name.Contains('/', StringComparison.Ordinal) && !IsOfQuotas(name) && name != "storage")
        {
            place.Invalid(name, "must be a standard resource type or fully qualified");
        }
    }

    /// <summary>The name must be that of something that a container can use.</summary>
    public static void CheckOfContainer(Place place, string name)
    {
        Check(place, name);
        if (!name.Contains('/', StringComparison.Ordinal))
        {
            if (!OfContainers.Contains(name) && !IsHugePages(name))
            {
                place.Invalid(name, "must be a standard resource for containers");
            }
        }
        else if (!IsNative(name) && !IsExtended(name))
        {
            place.Invalid(name, "doesn't follow extended resource name standard");
        }
    }

    /// <summary>The name must be that of something that a quota can limit.</summary>
    public static void CheckOfQuota(Place place, string name)
    {
        Check(place, name);
        if (!name.Contains('/', StringComparison.Ordinal) && !IsOfQuotas(name))
        {
            place.Invalid(name, "must be a standard resource for quota");
        }
    }

    /// <summary>The amount must not be negative, and whole where halves make no sense.</summary>
    public static void CheckAmount(Place place, string name)
    {
        Amounts.NotNegative(place);
        if ((Objects.Contains(name) || IsExtended(name)) && Amounts.Of(place) is { } amount && !Amounts.IsWhole(amount))
        {
            place.Invalid("must be an integer");
        }
    }

    private static bool IsHugePages(string name) => name.StartsWith(HugePages, StringComparison.Ordinal);

    private static bool IsNative(string name) => !name.Contains('/', StringComparison.Ordinal) || name.Contains("kubernetes.io/", StringComparison.Ordinal);

    private static bool IsExtended(string name) => !IsNative(name) && !name.StartsWith(Requests, StringComparison.Ordinal) && LabelSyntax.KeyFaults(Requests + name).Count == 0;
}
