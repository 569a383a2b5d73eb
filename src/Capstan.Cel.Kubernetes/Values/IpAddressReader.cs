namespace Capstan.Cel.Kubernetes;

/// <summary>Reads addresses as Go does: stricter than the runtime's reader, and with Go's messages.</summary>
internal static class IpAddressReader
{
    /// <summary>Reads octets (see <see cref="GoText"/>); <paramref name="fault"/> is Go's message when they are no address.</summary>
    public static IpAddress Read(string octets, out string zone, out string? fault)
    {
        zone = "";
        var reader = new Reader(octets);
        var first = octets.AsSpan().IndexOfAny('.', ':', '%');
        var address = first < 0 ? reader.Fail("unable to parse IP")
            : octets[first] == '%' ? reader.Fail("missing IPv6 address")
            : octets[first] == '.' ? reader.V4()
            : reader.V6(out zone);
        fault = reader.Fault;
        return address;
    }

    private sealed class Reader(string text)
    {
        public string? Fault { get; private set; }

        public IpAddress Fail(string message, string? at = null)
        {
            var place = string.IsNullOrEmpty(at) ? "" : $" (at {GoText.QuoteOctets(at)})";
            Fault ??= $"ParseAddr({GoText.QuoteOctets(text)}): {message}{place}";
            return default;
        }

        public IpAddress V4() => new(V4Bits(text), IsV6: false);

        public IpAddress V6(out string zone)
        {
            var percent = text.IndexOf('%', StringComparison.Ordinal);
            zone = percent < 0 ? "" : text[(percent + 1)..];
            if (percent >= 0 && zone.Length == 0)
            {
                return Fail("zone must be a non-empty string");
            }

            var rest = percent < 0 ? text : text[..percent];
            Span<ushort> groups = stackalloc ushort[8];
            var count = 0;
            var ellipsis = -1;
            if (rest.StartsWith("::", StringComparison.Ordinal))
            {
                ellipsis = 0;
                rest = rest[2..];
                if (rest.Length == 0)
                {
                    return new(0, IsV6: true);
                }
            }

            while (count < 8)
            {
                if (!TryGroup(rest, out var group, out var length))
                {
                    return default;
                }

                if (length < rest.Length && rest[length] == '.')
                {
                    return EmbeddedV4(rest, groups, count, ellipsis);
                }

                groups[count++] = group;
                rest = rest[length..];
                if (rest.Length == 0)
                {
                    break;
                }

                if (rest[0] != ':')
                {
                    return Fail("unexpected character, want colon", rest);
                }

                if (rest.Length == 1)
                {
                    return Fail("colon must be followed by more characters", rest);
                }

                rest = rest[1..];
                if (rest[0] == ':')
                {
                    if (ellipsis >= 0)
                    {
                        return Fail("multiple :: in address", rest);
                    }

                    ellipsis = count;
                    rest = rest[1..];
                    if (rest.Length == 0)
                    {
                        break;
                    }
                }
            }

            return rest.Length > 0 ? Fail("trailing garbage after address", rest) : Expand(groups, count, ellipsis);
        }

        private bool TryGroup(string rest, out ushort value, out int length)
        {
            (value, length) = (0, 0);
            while (length < rest.Length && char.IsAsciiHexDigit(rest[length]))
            {
                if (length == 4)
                {
                    Fail("each group must have 4 or less digits", rest);
                    return false;
                }

                value = (ushort)(value << 4 | Convert.ToInt32(rest[length..(length + 1)], 16));
                length++;
            }

            if (length == 0)
            {
                Fail("each colon-separated field must have at least one digit", rest);
            }

            return length > 0;
        }

        private IpAddress EmbeddedV4(string rest, Span<ushort> groups, int count, int ellipsis)
        {
            if (ellipsis < 0 && count != 6)
            {
                return Fail("embedded IPv4 address must replace the final 2 fields of the address", rest);
            }

            if (count > 6)
            {
                return Fail("too many hex fields to fit an embedded IPv4 at the end of the address", rest);
            }

            var bits = V4Bits(rest);
            if (Fault is not null)
            {
                return default;
            }

            (groups[count], groups[count + 1]) = ((ushort)(bits >> 16), (ushort)bits);
            return Expand(groups, count + 2, ellipsis);
        }

        private IpAddress Expand(Span<ushort> groups, int count, int ellipsis)
        {
            if (count < 8 && ellipsis < 0)
            {
                return Fail("address string too short");
            }

            if (count == 8 && ellipsis >= 0)
            {
                return Fail("the :: must expand to at least one field of zeros");
            }

            var zeros = 8 - count;
            UInt128 bits = 0;
            for (var i = 0; i < 8; i++)
            {
                var group = ellipsis < 0 || i < ellipsis ? groups[i] : i < ellipsis + zeros ? 0u : groups[i - zeros];
                bits = bits << 16 | group;
            }

            return new(bits, IsV6: true);
        }

        private uint Refuse(string message, string? at = null)
        {
            Fail(message, at);
            return 0;
        }

        private uint V4Bits(string part)
        {
            uint bits = 0;
            var (value, digits, dots) = (0u, 0, 0);
            for (var i = 0; i < part.Length; i++)
            {
                if (char.IsAsciiDigit(part[i]))
                {
                    if (digits == 1 && value == 0)
                    {
                        return Refuse("IPv4 field has octet with leading zero");
                    }

                    value = value * 10 + (uint)(part[i] - '0');
                    digits++;
                    if (value > 255)
                    {
                        return Refuse("IPv4 field has value >255");
                    }
                }
                else if (part[i] != '.')
                {
                    return Refuse("unexpected character", part[i..]);
                }
                else if (i == 0 || i == part.Length - 1 || part[i - 1] == '.')
                {
                    return Refuse("IPv4 field must have at least one digit", part[i..]);
                }
                else if (++dots == 4)
                {
                    return Refuse("IPv4 address too long");
                }
                else
                {
                    (bits, value, digits) = (bits << 8 | value, 0, 0);
                }
            }

            return dots < 3 ? Refuse("IPv4 address too short") : bits << 8 | value;
        }
    }
}
