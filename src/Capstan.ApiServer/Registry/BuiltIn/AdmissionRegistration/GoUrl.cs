using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.AdmissionRegistration;

/// <summary>An address, taken apart as Go's net/url does it, so that its faults are the same.</summary>
/// <param name="Scheme">In small letters; empty when there is none.</param>
/// <param name="User">Null when there is none.</param>
/// <param name="Host">With its port.</param>
/// <param name="Query">As it stands, without the question mark.</param>
/// <param name="Fragment">Without the hash.</param>
/// <param name="Fault">Why it is no address; null when it is one.</param>
internal sealed record GoUrl(string Scheme, string? User, string Host, string Query, string Fragment, string? Fault)
{
    // What a host may consist of beside letters and digits; everything beyond ASCII may stand there too.
    private const string HostSigns = "-_.~!$&'()*+,;=:[]<>\"%";
    private const string UserSigns = "-._:~!$&'()*+,;=%@";

    public static GoUrl Parse(string text)
    {
        if (text.Any(c => c is < ' ' or '\x7f'))
        {
            return Bad("net/url: invalid control character in URL");
        }

        var (whole, fragment) = Cut(text, '#');
        var colon = SchemeLength(whole, out var isMissing);
        if (isMissing)
        {
            return Bad("missing protocol scheme");
        }

        var scheme = colon < 0 ? "" : whole[..colon].ToLowerInvariant();
        var (rest, query) = Cut(whole[(colon + 1)..], '?');
        string? user = null;
        var (host, path) = ("", rest);
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var end = rest.IndexOf('/', 2);
            var authority = end < 0 ? rest[2..] : rest[2..end];
            path = end < 0 ? "" : rest[end..];
            var at = authority.LastIndexOf('@');
            user = at < 0 ? null : authority[..at];
            host = authority[(at + 1)..];
        }

        var fault = FaultOfHost(host)
            ?? (user is not null && !user.All(c => char.IsAsciiLetterOrDigit(c) || UserSigns.Contains(c, StringComparison.Ordinal)) ? "net/url: invalid userinfo" : null)
            ?? FaultOfEscapes(user ?? "")
            ?? (scheme.Length > 0 && !rest.StartsWith('/') ? null : FaultOfEscapes(path))
            ?? FaultOfEscapes(fragment);
        return fault is null ? new(scheme, user, host, query, fragment, null) : Bad(fault);
    }

    private static GoUrl Bad(string fault) => new("", null, "", "", "", fault);

    // -1: there is none.
    private static int SchemeLength(string text, out bool isMissing)
    {
        isMissing = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ':')
            {
                isMissing = i == 0;
                return i;
            }

            if (!char.IsAsciiLetter(text[i]) && (i == 0 || !(char.IsAsciiDigit(text[i]) || text[i] is '+' or '-' or '.')))
            {
                return -1;
            }
        }

        return -1;
    }

    private static string? FaultOfHost(string host)
    {
        var name = host;
        var port = "";
        if (host.StartsWith('['))
        {
            var close = host.LastIndexOf(']');
            if (close < 0)
            {
                return "missing ']' in host";
            }

            (name, port) = (host[..(close + 1)], host[(close + 1)..]);
        }
        else if (host.LastIndexOf(':') is >= 0 and var colon)
        {
            (name, port) = (host[..colon], host[colon..]);
        }

        if (port.Length > 0 && (port[0] != ':' || !port[1..].All(char.IsAsciiDigit)))
        {
            return $"invalid port {GoFormat.Quote(port)} after host";
        }

        foreach (var c in name)
        {
            if (c < 0x80 && !char.IsAsciiLetterOrDigit(c) && !HostSigns.Contains(c, StringComparison.Ordinal))
            {
                return $"invalid character {GoFormat.Quote(c.ToString())} in host name";
            }
        }

        return FaultOfEscapes(name);
    }

    private static string? FaultOfEscapes(string text)
    {
        for (var i = text.IndexOf('%', StringComparison.Ordinal); i >= 0; i = text.IndexOf('%', i + 1))
        {
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                return $"invalid URL escape {GoFormat.Quote(text[i..Math.Min(text.Length, i + 3)])}";
            }
        }

        return null;
    }

    private static (string Before, string After) Cut(string text, char at) =>
        text.IndexOf(at, StringComparison.Ordinal) is >= 0 and var place ? (text[..place], text[(place + 1)..]) : (text, "");
}
