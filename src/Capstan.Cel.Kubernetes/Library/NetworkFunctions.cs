using Capstan.Cel.Checking;
using Capstan.Cel.Library;

namespace Capstan.Cel.Kubernetes.Library;

/// <summary>
/// The libraries ip and cidr of Kubernetes. The specification has the same and differs in one point: an IPv4 address written as the groups of
/// an IPv6 address, which Kubernetes refuses, is that IPv4 address.
/// </summary>
internal static class NetworkFunctions
{
    public static CelLibrary Library { get; } = new("network")
    {
        Declarations = NetworkDeclarations.Network,
        Types = [CelType.Opaque("net.IP"), CelType.Opaque("net.CIDR")],
        Functions = Declare,
    };

    private static void Declare(FunctionSet set)
    {
        var specification = set.IsSpecification;
        CelValue OfIP(string text) => IpAddress.TryParse(text, out var ip, out var error) ? CelValue.Of(new IPValue(ip))
            : specification && ip.IsV4Mapped && !text.Contains('.') ? CelValue.Of(new IPValue(new((uint)ip.Bits, IsV6: false)))
            : CelValue.Failure(error ?? "");

        set.Global("ip", 1, a => Parse(a, "ip", OfIP));
        set.Global("isIP", 1, a => Parse(a, "isIP", s => CelValue.Of(IpAddress.TryParse(s, out _, out _))));
        set.Global("ip.isCanonical", 1, a => Parse(a, "ip.isCanonical", s =>
            IpAddress.TryParse(s, out var ip, out var error) ? CelValue.Of(ip.ToString() == s) : CelValue.Failure(error ?? "")));
        set.Global("cidr", 1, a => Parse(a, "cidr", OfCidr));
        set.Global("isCIDR", 1, a => Parse(a, "isCIDR", s => CelValue.Of(Cidr.TryParse(s, out _, out _))));
        OnIP(set, "family", ip => CelValue.Of((long)ip.Family));
        OnIP(set, "isUnspecified", ip => CelValue.Of(ip.IsUnspecified));
        OnIP(set, "isLoopback", ip => CelValue.Of(ip.IsLoopback));
        OnIP(set, "isLinkLocalMulticast", ip => CelValue.Of(ip.IsLinkLocalMulticast));
        OnIP(set, "isLinkLocalUnicast", ip => CelValue.Of(ip.IsLinkLocalUnicast));
        OnIP(set, "isGlobalUnicast", ip => CelValue.Of(ip.IsGlobalUnicast));
        OnCidr(set, "ip", c => CelValue.Of(new IPValue(c.Address)));
        OnCidr(set, "masked", c => CelValue.Of(new CidrValue(c.Masked)));
        OnCidr(set, "prefixLength", c => CelValue.Of((long)c.PrefixLength));
        set.Member("containsIP", 1, a => Contains(a, "containsIP", OfIP));
        set.Member("containsCIDR", 1, a => Contains(a, "containsCIDR", OfCidr));
        var standard = set.Functions[("string", 1, false)];
        set.Global("string", 1, a => a[0].Kind == CelKind.Object && a[0].Object is IPValue or CidrValue ? CelValue.Of(a[0].Object.ToString()!) : standard(a));
    }

    private static CelValue OfCidr(string text) =>
        Cidr.TryParse(text, out var cidr, out var error) ? CelValue.Of(new CidrValue(cidr)) : CelValue.Failure(error ?? "");

    private static CelValue Parse(ReadOnlySpan<CelValue> a, string name, Func<string, CelValue> parse) =>
        a[0].Kind == CelKind.String ? parse(a[0].String) : FunctionSet.NoOverload(name);

    private static void OnIP(FunctionSet set, string name, Func<IpAddress, CelValue> function) => set.Member(name, 0, a =>
        a[0].Kind == CelKind.Object && a[0].Object is IPValue ip ? function(ip.Address) : FunctionSet.NoOverload(name));

    private static void OnCidr(FunctionSet set, string name, Func<Cidr, CelValue> function) => set.Member(name, 0, a =>
        a[0].Kind == CelKind.Object && a[0].Object is CidrValue cidr ? function(cidr.Range) : FunctionSet.NoOverload(name));

    // What is contained may be given as text.
    private static CelValue Contains(ReadOnlySpan<CelValue> a, string name, Func<string, CelValue> parse)
    {
        var item = a[1].Kind == CelKind.String ? parse(a[1].String) : a[1];
        if (item.IsError)
        {
            return item;
        }

        if (a[0].Kind != CelKind.Object || a[0].Object is not CidrValue cidr || item.Kind != CelKind.Object)
        {
            return FunctionSet.NoOverload(name);
        }

        return item.Object switch
        {
            IPValue ip when name == "containsIP" => CelValue.Of(cidr.Range.ContainsIP(ip.Address)),
            CidrValue other when name == "containsCIDR" => CelValue.Of(cidr.Range.ContainsCIDR(other.Range)),
            _ => FunctionSet.NoOverload(name),
        };
    }

    private sealed record IPValue(IpAddress Address) : ICelObject
    {
        public string TypeName => "net.IP";

        public override string ToString() => Address.ToString();
    }

    private sealed record CidrValue(Cidr Range) : ICelObject
    {
        public string TypeName => "net.CIDR";

        public override string ToString() => Range.ToString();
    }
}
