using System.Collections.Immutable;
using Capstan.Cel.Checking;
using Capstan.Cel.Library;

namespace Capstan.Cel.Kubernetes.Library;

/// <summary>
/// IP addresses. The specification has the same library and differs in one point: an IPv4 address written as the groups of an IPv6 address,
/// which Kubernetes refuses, is that IPv4 address.
/// </summary>
internal static class IPFunctions
{
    public static ImmutableArray<FunctionDeclaration> Declarations { get; } = SignatureReader.Functions(
        """
        ip
          string_to_ip (string) -> net.IP
        isIP
          is_ip (string) -> bool
        ip.isCanonical
          ip_is_canonical (string) -> bool
        family
          ip_family net.IP.() -> int
        isUnspecified
          ip_is_unspecified net.IP.() -> bool
        isLoopback
          ip_is_loopback net.IP.() -> bool
        isLinkLocalMulticast
          ip_is_link_local_multicast net.IP.() -> bool
        isLinkLocalUnicast
          ip_is_link_local_unicast net.IP.() -> bool
        isGlobalUnicast
          ip_is_global_unicast net.IP.() -> bool
        string
          ip_to_string (net.IP) -> string
        """);

    public static CelType Type { get; } = CelType.Opaque(IPValue.Name);

    public static void Declare(FunctionSet set)
    {
        var specification = set.IsSpecification;
        set.OfText("ip", text => Parse(text, specification));
        set.OfText("isIP", text => CelValue.Of(IpAddress.TryParse(text, out _, out _)));
        set.OfText("ip.isCanonical", text =>
            IpAddress.TryParse(text, out var ip, out var error) ? CelValue.Of(ip.ToString() == text) : CelValue.Failure(error!));
        set.Of<IPValue>("family", ip => CelValue.Of((long)ip.Address.Family));
        set.Of<IPValue>("isUnspecified", ip => CelValue.Of(ip.Address.IsUnspecified));
        set.Of<IPValue>("isLoopback", ip => CelValue.Of(ip.Address.IsLoopback));
        set.Of<IPValue>("isLinkLocalMulticast", ip => CelValue.Of(ip.Address.IsLinkLocalMulticast));
        set.Of<IPValue>("isLinkLocalUnicast", ip => CelValue.Of(ip.Address.IsLinkLocalUnicast));
        set.Of<IPValue>("isGlobalUnicast", ip => CelValue.Of(ip.Address.IsGlobalUnicast));
        set.Global("string", 1, a => a[0].As<IPValue>() is { } ip ? CelValue.Of(ip.ToString()) : FunctionSet.NoOverload("string"));
    }

    /// <summary>What <c>ip</c> gives for a text.</summary>
    public static CelValue Parse(string text, bool specification) =>
        IpAddress.TryParse(text, out var ip, out var error) ? CelValue.Of(new IPValue(ip))
        : specification && ip.IsV4Mapped && !text.Contains('.') ? CelValue.Of(new IPValue(new((uint)ip.Bits, IsV6: false)))
        : CelValue.Failure(error!);
}

/// <summary>An address as a value of CEL.</summary>
internal sealed record IPValue(IpAddress Address) : ICelObject
{
    public const string Name = "net.IP";

    public string TypeName => Name;

    /// <summary>Bytes of the address.</summary>
    ulong ICelObject.Size => (ulong)Address.BitLength / 8;

    public override string ToString() => Address.ToString();
}
