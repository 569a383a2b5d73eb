using System.Globalization;

namespace Capstan.Cel.Kubernetes;

/// <summary>A network: an address and how many of its leading bits belong to the network. The other bits are kept as they were written.</summary>
/// <param name="Address">The address, not masked.</param>
/// <param name="PrefixLength">Bits of the network: 0 to 32, or to 128 for IPv6.</param>
public readonly record struct Cidr(IpAddress Address, int PrefixLength)
{
    private const string Prefix = "network address parse error during conversion from string: ";

    /// <summary>The network with all other bits zero.</summary>
    public Cidr Masked => this with { Address = Address with { Bits = Network(Address, PrefixLength) << HostBits(PrefixLength) } };

    /// <summary>Reads a network as CEL's <c>cidr()</c> does; <paramref name="error"/> is the message of that function.</summary>
    public static bool TryParse(string text, out Cidr cidr, out string? error)
    {
        var octets = GoText.ToOctets(text);
        cidr = Read(octets, out var fault);
        error = fault is not null ? $"{Prefix}{Prefix}netip.ParsePrefix({GoText.QuoteOctets(octets)}): {fault}"
            : cidr.Address.IsV4Mapped ? $"{Prefix}IPv4-mapped IPv6 address {GoText.QuoteOctets(octets)} is not allowed"
            : null;
        return error is null;
    }

    /// <summary>Whether the address is of this network; never for one of the other family.</summary>
    public bool ContainsIP(IpAddress address) => address.IsV6 == Address.IsV6 && Network(address, PrefixLength) == Network(Address, PrefixLength);

    /// <summary>Whether all of the other network is in this one.</summary>
    public bool ContainsCIDR(Cidr other) => PrefixLength <= other.PrefixLength && ContainsIP(other.Address);

    /// <summary><c>address/length</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{PrefixLength}");

    private int HostBits(int length) => Address.BitLength - length;

    private UInt128 Network(IpAddress address, int length) => length == 0 ? 0 : address.Bits >> HostBits(length);

    private static Cidr Read(string octets, out string? fault)
    {
        var slash = octets.LastIndexOf('/');
        if (slash < 0)
        {
            fault = "no '/'";
            return default;
        }

        var address = IpAddressReader.Read(octets[..slash], out var zone, out fault);
        var bits = octets[(slash + 1)..];
        var length = 0L;
        if (fault is not null)
        {
            return default;
        }

        fault = zone.Length > 0 ? "IPv6 zones cannot be present in a prefix"
            : (bits.Length > 1 && bits[0] is < '1' or > '9') || !long.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out length)
                ? $"bad bits after slash: {GoText.QuoteOctets(bits)}"
            : length > address.BitLength ? "prefix length out of range"
            : null;
        return fault is null ? new(address, (int)length) : default;
    }
}
