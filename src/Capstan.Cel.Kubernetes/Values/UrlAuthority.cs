namespace Capstan.Cel.Kubernetes;

/// <summary>Reads the part of a URL between <c>//</c> and the path: <c>[user[:password]@]host[:port]</c>.</summary>
internal static class UrlAuthority
{
    public static (string? UserInfo, string Host) Read(string scheme, string authority, out string? fault)
    {
        var at = authority.LastIndexOf('@');
        var host = ReadHost(scheme, authority[(at + 1)..], out fault);
        if (at < 0 || host is null)
        {
            return (null, host ?? "");
        }

        var userInfo = authority[..at];
        if (userInfo.Any(c => !char.IsAsciiLetterOrDigit(c) && !"-._:~!$&'()*+,;=%@".Contains(c, StringComparison.Ordinal)))
        {
            fault = "net/url: invalid userinfo";
            return (null, "");
        }

        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        var user = Rewritten(colon < 0 ? userInfo : userInfo[..colon], ref fault);
        return (colon < 0 ? user : $"{user}:{Rewritten(userInfo[(colon + 1)..], ref fault)}", host);
    }

    private static string? Rewritten(string text, ref string? fault)
    {
        var unescaped = UrlEscaping.Unescape(text, UrlPart.UserInfo, out var own);
        fault ??= own;
        return unescaped is null ? null : UrlEscaping.Escape(unescaped, UrlPart.UserInfo);
    }

    private static string? ReadHost(string scheme, string host, out string? fault)
    {
        fault = null;
        var bracket = host.LastIndexOf('[');
        if (bracket == 0)
        {
            return ReadLiteral(host, out fault);
        }

        if (bracket > 0)
        {
            fault = "invalid IP-literal";
            return null;
        }

        // Rows of hosts with ports are borne with, but not for HTTP.
        var colon = scheme is "http" or "https" ? host.IndexOf(':', StringComparison.Ordinal) : host.LastIndexOf(':');
        if (colon >= 0 && !UrlParts.IsOptionalPort(host[colon..]))
        {
            fault = WrongPort(host[colon..]);
            return null;
        }

        return UrlEscaping.Unescape(host, UrlPart.Host, out fault);
    }

    /// <summary>An IPv6 address in brackets, and its port.</summary>
    private static string? ReadLiteral(string host, out string? fault)
    {
        var close = host.LastIndexOf(']');
        var port = host[(close + 1)..];
        fault = close < 0 ? "missing ']' in host" : !UrlParts.IsOptionalPort(port) ? WrongPort(port) : null;
        if (fault is not null)
        {
            return null;
        }

        var literal = host[1..close];
        var zoneAt = literal.IndexOf("%25", StringComparison.Ordinal);
        var address = UrlEscaping.Unescape(zoneAt < 0 ? literal : literal[..zoneAt], UrlPart.Host, out fault);
        var zone = address is null || zoneAt < 0 ? "" : UrlEscaping.Unescape(literal[zoneAt..], UrlPart.Zone, out fault);
        if (fault is not null)
        {
            return null;
        }

        var parsed = IpAddressReader.Read(address + zone, out _, out var addressFault);
        fault = addressFault is not null ? $"invalid host: {addressFault}" : !parsed.IsV6 ? "invalid IP-literal" : null;
        return fault is null ? $"[{address}{zone}]{port}" : null;
    }

    private static string WrongPort(string port) => $"invalid port {GoText.QuoteOctets(port)} after host";
}
