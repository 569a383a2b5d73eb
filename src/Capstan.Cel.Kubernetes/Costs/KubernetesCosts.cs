using Capstan.Cel.Costs;

namespace Capstan.Cel.Kubernetes.Costs;

/// <summary>
/// What calls cost in Kubernetes: those of its own libraries, and those of the general ones that it counts its own way. It knows them by their
/// names alone, whatever their receiver is.
/// </summary>
internal static class KubernetesCosts
{
    /// <summary>Of an authorization check: two fit into what one expression may cost.</summary>
    public const ulong CheckCost = 350_000;

    public static CallEstimate? Estimate(CallToEstimate call) => call.Function switch
    {
        "isSorted" or "sum" or "max" or "min" or "indexOf" or "lastIndexOf" => ElementCosts.Traverse(call),
        "join" => ElementCosts.Join(call),
        "url" or "jsonpatch.escapeKey" or "lowerAscii" or "upperAscii" or "substring" or "trim" => TextCosts.Traverse(call),
        "replace" => TextCosts.Replace(call),
        "split" => TextCosts.Split(call),
        "find" or "findAll" => TextCosts.Find(call),
        "cidr" or "isIP" or "isCIDR" or "ip" or "ip.isCanonical" => NetworkCosts.Parse(call),
        "containsIP" => NetworkCosts.ContainsIP(call),
        "containsCIDR" => NetworkCosts.ContainsCidr(call),
        "quantity" or "isQuantity" or "semver" or "isSemver" => TextCosts.Parse(call, 1),
        "validate" => TextCosts.Validate(call),
        "check" => CallEstimate.Exactly(CheckCost),
        "fieldSelector" or "labelSelector" => TextCosts.Select(call),
        "_==_" => EqualityCosts.Estimate(call),
        _ => IsSimple(call.Function) ? CallEstimate.Exactly(1) : null,
    };

    /// <summary>Functions that read a part, whatever the part is.</summary>
    private static bool IsSimple(string function) => function is
        "sign" or "asInteger" or "isInteger" or "asApproximateFloat" or "isGreaterThan" or "isLessThan" or "compareTo" or "add" or "sub"
        or "major" or "minor" or "patch"
        or "getScheme" or "getHostname" or "getHost" or "getPort" or "getEscapedPath" or "getQuery"
        or "masked" or "prefixLength" or "family" or "isUnspecified" or "isLoopback" or "isLinkLocalMulticast" or "isLinkLocalUnicast"
        or "isGlobalUnicast"
        or "format.named"
        or "serviceAccount" or "path" or "group" or "resource" or "subresource" or "namespace" or "name"
        or "allowed" or "reason" or "error" or "errored";
}
