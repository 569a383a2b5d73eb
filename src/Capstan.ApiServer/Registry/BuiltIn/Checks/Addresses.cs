using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>IP addresses and ranges: as Kubernetes reads them, with leading zeros, but never with parts left out; and as it takes new ones.</summary>
internal static class Addresses
{
    private const string NoAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
    private const string NoRange = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

    /// <summary>The address; null when the text is none. An IPv4 address within IPv6 counts as IPv4.</summary>
    public static IPAddress? Parse(string text)
    {
        if (!text.Contains(':', StringComparison.Ordinal))
        {
            return ParseVersion4(text);
        }

        // .NET also takes scopes, brackets and ports.
        if (text.AsSpan().ContainsAnyExcept("0123456789abcdefABCDEF:.") || !IPAddress.TryParse(text, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>The address and the length of the prefix; null when the text is no range.</summary>
    public static (IPAddress Address, int Length)? ParseRange(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || Parse(text[..slash]) is not { } address || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return null;
        }

        // Within IPv6 the prefix is counted in 128 bits.
        var mapped = text.Contains(':', StringComparison.Ordinal) && address.AddressFamily == AddressFamily.InterNetwork;
        length -= mapped ? 96 : 0;
        return length < 0 || length > Bits(address) ? null : (address, length);
    }

    /// <summary>Whether the text is an address of IPv6.</summary>
    public static bool IsVersion6(string text) => Parse(text)?.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>Whether the text is an address of IPv4.</summary>
    public static bool IsVersion4(string text) => Parse(text)?.AddressFamily == AddressFamily.InterNetwork;

    /// <summary>Whether <paramref name="inner"/> lies in <paramref name="outer"/>.</summary>
    public static bool Contains((IPAddress Address, int Length) outer, IPAddress inner) =>
        outer.Address.AddressFamily == inner.AddressFamily && Masked(outer.Address, outer.Length).Equals(Masked(inner, outer.Length));

    /// <summary>Must be an address, unless it was there before.</summary>
    public static bool Address(Place place, IEnumerable<string?>? before = null)
    {
        if (before?.Contains(place.Text, StringComparer.Ordinal) == true)
        {
            return true;
        }

        return Told(place, place.Text, AddressFault(place.Text));
    }

    /// <summary>Must be an address, written as all write it.</summary>
    public static bool StrictAddress(Place place)
    {
        return Told(place, place.Text, AddressFault(place.Text) ?? (Written(Parse(place.Text)!) is var canonical && canonical != place.Text ? $"must be in canonical form (\"{canonical}\")" : null));
    }

    /// <summary>Must be a range, unless it was there before.</summary>
    public static void Range(Place place, IEnumerable<string?>? before = null)
    {
        var text = place.Text.Trim();
        if (before?.Contains(text, StringComparer.Ordinal) != true)
        {
            Told(place, text, RangeFault(text));
        }
    }

    /// <summary>Must be a range, written as all write it.</summary>
    public static void StrictRange(Place place)
    {
        var fault = RangeFault(place.Text);
        if (fault is null && ParseRange(place.Text) is var (address, length) && $"{Written(address)}/{length}" is var canonical && canonical != place.Text)
        {
            fault = $"must be in canonical form (\"{canonical}\")";
        }

        Told(place, place.Text, fault);
    }

    // Pods of a cluster on one machine have addresses of 127.112.0.0/12: others than 127.0.0.1, which is everybody's.
    private static bool IsOfPods(IPAddress address) => address.GetAddressBytes() is [127, >= 112 and <= 127, _, _];

    /// <summary>Must be an address that traffic can be sent to from outside of a machine, or one of a pod.</summary>
    public static void Endpoint(Place place)
    {
        if (Parse(place.Text) is not { } address)
        {
            place.Invalid(place.Text, "must be a valid IP address");
            return;
        }

        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            place.Invalid(place.Text, $"may not be unspecified ({place.Text})");
        }

        if (IPAddress.IsLoopback(address) && !IsOfPods(address))
        {
            place.Invalid(place.Text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }

        var bytes = address.GetAddressBytes();
        if (address.IsIPv6LinkLocal || (bytes.Length == 4 && bytes is [169, 254, ..]))
        {
            place.Invalid(place.Text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }

        if ((bytes.Length == 4 && bytes is [224, 0, 0, _]) || (bytes.Length == 16 && bytes[0] == 0xff && (bytes[1] & 0x0f) == 2))
        {
            place.Invalid(place.Text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }

    /// <summary>What is told of an address that is accepted but not written as it should be.</summary>
    public static IEnumerable<string> Warnings(Place place)
    {
        if (Parse(place.Text) is not { } address)
        {
            yield break;
        }

        if (HasLeadingZero(place.Text, address) || (address.AddressFamily == AddressFamily.InterNetwork && place.Text.Contains(':', StringComparison.Ordinal)))
        {
            yield return $"{place.Path}: non-standard IP address \"{place.Text}\" is invalid: use \"{Written(address)}\"";
        }
        else if (address.AddressFamily == AddressFamily.InterNetworkV6 && Written(address) != place.Text)
        {
            yield return $"{place.Path}: IPv6 address \"{place.Text}\" should be in RFC 5952 canonical format (\"{Written(address)}\")";
        }
    }

    /// <summary>What is told of a range that is accepted but not written as it should be.</summary>
    public static IEnumerable<string> RangeWarnings(Place place)
    {
        var text = place.Text;
        if (ParseRange(text) is not var (address, length))
        {
            yield break;
        }

        var network = $"{Written(Masked(address, length))}/{length}";
        var clean = true;
        if (!Masked(address, length).Equals(address))
        {
            clean = false;
            yield return $"{place.Path}: CIDR value \"{text}\" is ambiguous in this context (should be \"{network}\" or \"{Written(address)}/{Bits(address)}\"?)";
        }

        var (addressText, lengthText) = (text[..text.IndexOf('/', StringComparison.Ordinal)], text[(text.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        var mapped = address.AddressFamily == AddressFamily.InterNetwork && addressText.Contains(':', StringComparison.Ordinal);
        if (mapped || HasLeadingZero(addressText, address) || (lengthText.Length > 1 && lengthText[0] == '0'))
        {
            clean = false;
            yield return $"{place.Path}: non-standard CIDR value \"{text}\" is invalid: use \"{network}\"";
        }

        if (clean && address.AddressFamily == AddressFamily.InterNetworkV6 && $"{Written(address)}/{length}" != text)
        {
            yield return $"{place.Path}: IPv6 CIDR value \"{text}\" should be in RFC 5952 canonical format (\"{Written(address)}/{length}\")";
        }
    }

    private static bool Told(Place place, string shown, string? fault)
    {
        if (fault is not null)
        {
            place.Invalid(shown, fault);
        }

        return fault is null;
    }

    private static string? AddressFault(string text) => Parse(text) is not { } address ? NoAddress
        : HasLeadingZero(text, address) ? "must not have leading 0s"
        : IsMapped(text, address) ? "must not be an IPv4-mapped IPv6 address"
        : null;

    private static string? RangeFault(string text)
    {
        if (ParseRange(text) is not var (address, length))
        {
            return NoRange;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return HasLeadingZero(text[..slash], address) || (text.Length > slash + 2 && text[slash + 1] == '0') ? "must not have leading 0s in IP or prefix length"
            : IsMapped(text[..slash], address) ? "must not have an IPv4-mapped IPv6 address"
            : !Masked(address, length).Equals(address) ? "must not have bits set beyond the prefix length"
            : null;
    }

    private static bool IsMapped(string text, IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork && text.Contains(':', StringComparison.Ordinal);

    private static int Bits(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;

    private static string Written(IPAddress address) => address.ToString();

    private static bool HasLeadingZero(string text, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && !text.Contains(':', StringComparison.Ordinal) && text.Split('.').Any(part => part.Length > 1 && part[0] == '0');

    private static IPAddress? ParseVersion4(string text)
    {
        var parts = text.Split('.');
        if (parts.Length != 4)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < 4; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 255)
            {
                return null;
            }

            bytes[i] = (byte)number;
        }

        return new IPAddress(bytes);
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
