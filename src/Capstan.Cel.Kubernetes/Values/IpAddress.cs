using System.Globalization;
using System.Text;

namespace Capstan.Cel.Kubernetes;

/// <summary>An IPv4 or IPv6 address without zone; IPv4 addresses are never of the IPv4-mapped IPv6 form. The default is 0.0.0.0.</summary>
/// <param name="Bits">The address as a number: 32 bits of IPv4, 128 of IPv6.</param>
/// <param name="IsV6">Whether it is of IPv6.</param>
public readonly record struct IpAddress(UInt128 Bits, bool IsV6)
{
    /// <summary>4 or 6.</summary>
    public int Family => IsV6 ? 6 : 4;

    /// <summary>Bits of an address of the family: 32 or 128.</summary>
    public int BitLength => IsV6 ? 128 : 32;

    /// <summary>Whether it is 0.0.0.0 or ::.</summary>
    public bool IsUnspecified => Bits == 0;

    /// <summary>Whether it is in 127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => IsV6 ? Bits == 1 : Bits >> 24 == 127;

    /// <summary>Whether it is in 224.0.0.0/24 or ff.2::/16 with any flags.</summary>
    public bool IsLinkLocalMulticast => IsV6 ? ((uint)(Bits >> 112) & 0xff0f) == 0xff02 : Bits >> 8 == 0xe00000;

    /// <summary>Whether it is in 169.254.0.0/16 or fe80::/10.</summary>
    public bool IsLinkLocalUnicast => IsV6 ? Bits >> 118 == 0x3fa : Bits >> 16 == 0xa9fe;

    /// <summary>Whether it is none of the others, multicast or broadcast: private addresses are global unicast too.</summary>
    public bool IsGlobalUnicast => !IsUnspecified && !IsLoopback && !IsLinkLocalUnicast && (IsV6 ? Bits >> 120 != 0xff : Bits >> 28 != 0xe && Bits != uint.MaxValue);

    /// <summary>Reads an address as CEL's <c>ip()</c> does; <paramref name="error"/> is the message of that function.</summary>
    public static bool TryParse(string text, out IpAddress address, out string? error)
    {
        var octets = GoText.ToOctets(text);
        address = IpAddressReader.Read(octets, out var zone, out var fault);
        error = fault is not null ? $"IP Address {GoText.QuoteOctets(octets)} parse error during conversion from string: {fault}"
            : zone.Length > 0 ? $"IP address {GoText.QuoteOctets(octets)} with zone value is not allowed"
            : address.IsV4Mapped ? $"IPv4-mapped IPv6 address {GoText.QuoteOctets(octets)} is not allowed"
            : null;
        return error is null;
    }

    /// <summary>The canonical text: lower case, no leading zeros, the longest row of zeros as <c>::</c>.</summary>
    public override string ToString() => IsV6 ? V6Text() : string.Create(CultureInfo.InvariantCulture, $"{Octet(3)}.{Octet(2)}.{Octet(1)}.{Octet(0)}");

    /// <summary>Whether an IPv4 address is written as IPv6; such are read, to be refused by name.</summary>
    internal bool IsV4Mapped => IsV6 && Bits >> 32 == 0xffff;

    private byte Octet(int index) => (byte)(Bits >> (8 * index));

    private ushort Group(int index) => (ushort)(Bits >> (16 * (7 - index)));

    private string V6Text()
    {
        var (zerosStart, zerosLength) = LongestZeros();
        var text = new StringBuilder(39);
        for (var i = 0; i < 8; i++)
        {
            if (zerosLength >= 2 && i == zerosStart)
            {
                text.Append("::");
                i += zerosLength - 1;
                continue;
            }

            if (text.Length > 0 && text[^1] != ':')
            {
                text.Append(':');
            }

            text.Append(CultureInfo.InvariantCulture, $"{Group(i):x}");
        }

        return text.ToString();
    }

    private (int Start, int Length) LongestZeros()
    {
        var longest = (Start: 0, Length: 0);
        for (var start = 0; start < 8; start++)
        {
            var end = start;
            while (end < 8 && Group(end) == 0)
            {
                end++;
            }

            longest = end - start > longest.Length ? (start, end - start) : longest;
        }

        return longest;
    }
}
