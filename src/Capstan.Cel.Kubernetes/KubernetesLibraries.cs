using Capstan.Cel.Kubernetes.Costs;
using Capstan.Cel.Kubernetes.Library;

namespace Capstan.Cel.Kubernetes;

/// <summary>
/// Kubernetes' own function libraries for CEL. <see cref="KubernetesEnvironment"/> has them as a version of Kubernetes has; each can be added
/// to any environment too. Texts of errors are Kubernetes'. With any of them calls cost what they cost in Kubernetes, those of the general
/// libraries too.
/// </summary>
public static class KubernetesLibraries
{
    /// <summary>
    /// <c>url(text) isURL(text)</c>, and of a URL <c>getScheme getHost getHostname getPort getEscapedPath getQuery</c>. A URL is an absolute URI or
    /// path, as Go's net/url reads it; <c>getQuery</c> is a map of lists. In Kubernetes from the start.
    /// </summary>
    public static CelLibrary Url { get; } = new("kubernetes.urls")
    {
        Declarations = UrlFunctions.Declarations,
        Functions = UrlFunctions.Declare,
        CallCosts = KubernetesCallCosts.Find,
        CallEstimate = KubernetesCosts.Estimate,
    };

    /// <summary>
    /// <c>text.find(pattern)</c>, empty when nothing matches, and <c>text.findAll(pattern[, limit])</c>. Patterns are RE2's, in linear time. In
    /// Kubernetes from the start.
    /// </summary>
    public static CelLibrary Regex { get; } = new("kubernetes.regex")
    {
        Declarations = KubernetesRegexFunctions.Declarations,
        PatternOverloads = ["string_find_string", "string_find_all_string", "string_find_all_string_int"],
        Functions = KubernetesRegexFunctions.Declare,
        CallCosts = KubernetesCallCosts.Find,
        CallEstimate = KubernetesCosts.Estimate,
    };

    /// <summary>
    /// Of lists of values that have an order <c>isSorted min max</c>, of numbers and durations <c>sum</c>, of all lists
    /// <c>indexOf(item) lastIndexOf(item)</c>, -1 for none. The sum of nothing is zero, its least and greatest are errors. In Kubernetes from the
    /// start.
    /// </summary>
    public static CelLibrary Lists { get; } = new("kubernetes.lists")
    {
        Declarations = KubernetesListFunctions.Declarations,
        Functions = KubernetesListFunctions.Declare,
        CallCosts = KubernetesCallCosts.Find,
        CallEstimate = KubernetesCosts.Estimate,
    };

    /// <summary>
    /// <c>quantity(text) isQuantity(text)</c>, and of a quantity <c>sign() isGreaterThan(q) isLessThan(q) compareTo(q) asInteger() isInteger()
    /// asApproximateFloat() add(q or int) sub(q or int)</c>; <c>sign(q)</c> too, as Kubernetes has it. Amounts are exact; equality is by amount. In
    /// Kubernetes since 1.28.
    /// </summary>
    public static CelLibrary Quantity { get; } = new("kubernetes.quantity")
    {
        Declarations = QuantityFunctions.Declarations,
        Functions = QuantityFunctions.Declare,
        CallCosts = KubernetesCallCosts.Find,
        CallEstimate = KubernetesCosts.Estimate,
    };

    /// <summary>
    /// <c>semver(text[, normalize]) isSemver(text[, normalize])</c>, and of a version <c>major minor patch isLessThan(v) isGreaterThan(v)
    /// compareTo(v)</c>. To normalize is to take <c>v1</c> for <c>1.0.0</c>. In Kubernetes since 1.33.
    /// </summary>
    public static CelLibrary Semver { get; } = new("kubernetes.Semver")
    {
        Declarations = SemverFunctions.Declarations,
        Functions = SemverFunctions.Declare,
        CallCosts = KubernetesCallCosts.Find,
        CallEstimate = KubernetesCosts.Estimate,
    };

    /// <summary>The first version of <see cref="Semver"/>, which no version of Kubernetes has, but its tests.</summary>
    internal static CelLibrary StrictSemver { get; } = new("kubernetes.Semver")
    {
        Declarations = SemverFunctions.StrictDeclarations,
        Functions = SemverFunctions.Declare,
        CallCosts = KubernetesCallCosts.Find,
        CallEstimate = KubernetesCosts.Estimate,
    };

    /// <summary>
    /// <c>ip(text) isIP(text) ip.isCanonical(text)</c>, and of an address <c>family isUnspecified isLoopback isLinkLocalMulticast
    /// isLinkLocalUnicast isGlobalUnicast</c> and <c>string(ip)</c>. Zones, leading zeros and IPv4 written as IPv6 are refused. In Kubernetes since
    /// 1.30.
    /// </summary>
    public static CelLibrary IP { get; } = new("kubernetes.net.ip")
    {
        Declarations = IPFunctions.Declarations,
        Types = [IPFunctions.Type],
        Functions = IPFunctions.Declare,
        CallCosts = KubernetesCallCosts.Find,
        CallEstimate = KubernetesCosts.Estimate,
    };

    /// <summary>
    /// <c>cidr(text) isCIDR(text)</c>, and of a network <c>containsIP(ip or text) containsCIDR(cidr or text) ip masked prefixLength</c> and
    /// <c>string(cidr)</c>. In Kubernetes since 1.30.
    /// </summary>
    public static CelLibrary Cidr { get; } = new("kubernetes.net.cidr")
    {
        Declarations = CidrFunctions.Declarations,
        Types = [CidrFunctions.Type, IPFunctions.Type],
        Functions = CidrFunctions.Declare,
        CallCosts = KubernetesCallCosts.Find,
        CallEstimate = KubernetesCosts.Estimate,
    };

    /// <summary>
    /// Of an authorizer <c>path(text)</c>, <c>group(text).resource(text)</c> with <c>subresource(text) namespace(text) name(text)</c>, and
    /// <c>serviceAccount(namespace, name)</c>; of what is asked then <c>check(verb)</c>, and of the decision <c>allowed() reason() errored()
    /// error()</c>. Authorizers are values of the variable <c>authorizer</c>, which policies have. In Kubernetes from the start.
    /// </summary>
    public static CelLibrary Authorizer { get; } = new("kubernetes.authz")
    {
        Declarations = AuthorizerFunctions.Declarations,
        Types = AuthorizerFunctions.Types,
        Functions = AuthorizerFunctions.Declare,
        CallCosts = KubernetesCallCosts.Find,
        CallEstimate = KubernetesCosts.Estimate,
    };

    /// <summary>
    /// <c>fieldSelector(text) labelSelector(text)</c> of what is asked of an authorizer about a resource. In Kubernetes since 1.31.
    /// </summary>
    public static CelLibrary AuthorizerSelectors { get; } = new("kubernetes.authzSelectors")
    {
        Declarations = AuthorizerFunctions.SelectorDeclarations,
        Functions = AuthorizerFunctions.DeclareSelectors,
        CallCosts = KubernetesCallCosts.Find,
        CallEstimate = KubernetesCosts.Estimate,
    };

    /// <summary>
    /// <c>format.named(name)</c>, an optional, or <c>format.dns1123Label()</c> and so on for dns1123Subdomain, dns1035Label (each with
    /// <c>Prefix</c> too), qualifiedName, labelValue, uri, uuid, byte, date and datetime; of a format <c>validate(text)</c>: what is wrong as an
    /// optional list of texts. Needs <see cref="CelLibraries.Optionals"/> to be of use. In Kubernetes since 1.31.
    /// </summary>
    public static CelLibrary Format { get; } = new("kubernetes.format")
    {
        Declarations = FormatFunctions.Declarations,
        Functions = FormatFunctions.Declare,
        CallCosts = KubernetesCallCosts.Find,
        CallEstimate = KubernetesCosts.Estimate,
    };
}
