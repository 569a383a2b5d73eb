namespace Capstan.Cel.Kubernetes;

/// <summary>Takes URLs apart as Go's net/url does, with its messages. All texts are octets (see <see cref="GoText"/>).</summary>
internal static class UrlReader
{
    /// <summary>Reads an absolute URI or path; a fragment is not told from the rest.</summary>
    public static UrlParts? ReadRequestTarget(string octets, out string? fault)
    {
        var parts = Read(octets, ofRequest: true, out fault);
        fault = fault is null ? null : Message(octets, fault);
        return parts;
    }

    /// <summary>Reads a reference of any form with its fragment.</summary>
    public static UrlParts? ReadReference(string octets, out string? fault)
    {
        var (main, fragment) = Cut(octets, '#');
        var parts = Read(main, ofRequest: false, out fault);
        if (parts is null)
        {
            fault = Message(main, fault!);
            return null;
        }

        var unescaped = UrlEscaping.Unescape(fragment, UrlPart.Fragment, out fault);
        fault = fault is null ? null : Message(octets, fault);
        return unescaped is null ? null : parts with { Fragment = unescaped, WrittenFragment = fragment };
    }

    private static string Message(string octets, string fault) => $"parse {GoText.QuoteOctets(octets)}: {fault}";

    private static (string Head, string Tail) Cut(string text, char separator)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }

    private static UrlParts? Read(string octets, bool ofRequest, out string? fault)
    {
        fault = octets.AsSpan().ContainsAnyInRange('\0', '\x1f') || octets.Contains('\x7f', StringComparison.Ordinal) ? "net/url: invalid control character in URL"
            : octets.Length == 0 && ofRequest ? "empty url"
            : octets.StartsWith(':') ? "missing protocol scheme"
            : null;
        if (fault is not null)
        {
            return null;
        }

        if (octets == "*")
        {
            return new() { Path = "*", WrittenPath = "*" };
        }

        var schemeLength = SchemeLength(octets);
        var scheme = octets[..schemeLength].ToLowerInvariant();
        var (rest, query) = Cut(schemeLength > 0 ? octets[(schemeLength + 1)..] : octets, '?');
        var parts = new UrlParts(scheme) { Query = query, HasQuery = query.Length > 0 || octets.EndsWith('?') };
        if (!rest.StartsWith('/'))
        {
            if (scheme.Length > 0)
            {
                return parts with { Opaque = rest };
            }

            fault = ofRequest ? "invalid URI for request"
                : Cut(rest, '/').Head.Contains(':', StringComparison.Ordinal) ? "first path segment in URL cannot contain colon"
                : null;
        }
        else if (rest.StartsWith("//", StringComparison.Ordinal) && (scheme.Length > 0 || (!ofRequest && !rest.StartsWith("///", StringComparison.Ordinal))))
        {
            var slash = rest.IndexOf('/', 2);
            var authority = slash < 0 ? rest[2..] : rest[2..slash];
            rest = slash < 0 ? "" : rest[slash..];
            var (userInfo, host) = UrlAuthority.Read(scheme, authority, out fault);
            parts = parts with { UserInfo = userInfo, Host = host };
        }
        else
        {
            parts = parts with { OmitsHost = scheme.Length > 0 };
        }

        if (fault is not null || UrlEscaping.Unescape(rest, UrlPart.Path, out fault) is not { } path)
        {
            return null;
        }

        return parts with { Path = path, WrittenPath = rest };
    }

    private static int SchemeLength(string octets)
    {
        for (var i = 0; i < octets.Length; i++)
        {
            if (octets[i] == ':')
            {
                return i;
            }

            if (!char.IsAsciiLetter(octets[i]) && (i == 0 || !(char.IsAsciiDigit(octets[i]) || octets[i] is '+' or '-' or '.')))
            {
                break;
            }
        }

        return 0;
    }
}
