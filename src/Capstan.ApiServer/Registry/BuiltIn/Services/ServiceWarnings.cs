using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Services;

/// <summary>What is told of a Service that is accepted.</summary>
internal static class ServiceWarnings
{
    /// <summary>The texts.</summary>
    public static IEnumerable<string> Of(Place service)
    {
        var spec = service["spec"];
        var headless = spec["type"].Text == "ClusterIP" && spec["clusterIP"].Text == "None";
        var external = spec["type"].Text == "ExternalName";
        if (service["metadata"]["annotations"]["service.kubernetes.io/topology-aware-hints"].Exists)
        {
            yield return "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead";
        }

        foreach (var warning in headless ? [] : spec["clusterIPs"].Items.SelectMany(Addresses.Warnings))
        {
            yield return warning;
        }

        if (headless && spec["loadBalancerIP"].HasText)
        {
            yield return "spec.loadBalancerIP is ignored for headless services";
        }

        if (headless && spec["externalIPs"].Count > 0)
        {
            yield return "spec.externalIPs is ignored for headless services";
        }

        if (headless && spec["sessionAffinity"].Text != "None")
        {
            yield return "spec.SessionAffinity is ignored for headless services";
        }

        foreach (var warning in spec["externalIPs"].Items.SelectMany(Addresses.Warnings))
        {
            yield return warning;
        }

        if (spec["externalIPs"].Count > 0 && !headless)
        {
            yield return external ? "spec.externalIPs is ignored when spec.type is \"ExternalName\"" : "spec.externalIPs is deprecated and may no longer be implemented in some clusters";
        }

        foreach (var warning in Addresses.Warnings(spec["loadBalancerIP"]).Concat(spec["loadBalancerSourceRanges"].Items.SelectMany(Addresses.RangeWarnings)))
        {
            yield return warning;
        }

        if (!external && spec["externalName"].HasText)
        {
            yield return "spec.externalName is ignored when spec.type is not \"ExternalName\"";
        }

        if (spec["trafficDistribution"].Text == "PreferClose")
        {
            yield return "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"";
        }
    }
}
