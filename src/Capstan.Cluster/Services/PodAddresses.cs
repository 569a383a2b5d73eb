using System.Net;
using System.Net.Sockets;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Services;

/// <summary>Which pods are behind a Service, and under which addresses.</summary>
internal static class PodAddresses
{
    public const string IPv4 = "IPv4";
    public const string IPv6 = "IPv6";

    /// <summary>Families of the addresses that the Service leads to, as it has them.</summary>
    public static IReadOnlyList<string> Families(Service service)
    {
        var families = (service.Spec.IpFamilies ?? []).Where(family => family is IPv4 or IPv6).Distinct().ToList();
        return families.Count > 0 ? families
            : service.IsHeadless ? [IPv4, IPv6]
            : [FamilyOf(service.Spec.ClusterIP!) ?? IPv4];
    }

    /// <summary>Has an address, and has not ended. One that is being deleted may still serve.</summary>
    public static bool MayServe(Pod pod, bool whileTerminating) =>
        !pod.HasEnded && pod.Status is { } status && (status.PodIP is { Length: > 0 } || status.PodIPs is { Count: > 0 }) && (whileTerminating || pod.Metadata.DeletionTimestamp is null);

    /// <summary>The pod's addresses of a family, in their usual form.</summary>
    public static IEnumerable<string> Of(Pod pod, string family)
    {
        foreach (var address in pod.Status?.PodIPs ?? [])
        {
            if (IPAddress.TryParse(address.Ip, out var ip) && FamilyOf(ip) == family)
            {
                yield return ip.ToString();
            }
        }
    }

    /// <summary>Whether the pod has a name of its own under the Service's.</summary>
    public static bool HasHostname(Pod pod, Service service) => pod.Spec.Hostname is { Length: > 0 } && pod.Spec.Subdomain == service.Metadata.Name;

    /// <summary>Null if it is none.</summary>
    public static string? FamilyOf(string address) => IPAddress.TryParse(address, out var ip) ? FamilyOf(ip) : null;

    private static string FamilyOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? IPv6 : IPv4;
}
