namespace Capstan.Schemas;

/// <summary>URIs as Go's <c>url.ParseRequestURI</c> takes them: absolute, or an absolute path.</summary>
internal static class UriFormat
{
    public static bool IsRequestUri(string text)
    {
        if (text.Length == 0 || text.Any(c => c < ' ' || c == 0x7f))
        {
            return false;
        }

        if (text == "*")
        {
            return true;
        }

        var scheme = SchemeLength(text);
        if (scheme < 0)
        {
            return false;
        }

        var rest = scheme == 0 ? text : text[(scheme + 1)..];
        if (!rest.StartsWith('/'))
        {
            return scheme > 0;
        }

        if (scheme > 0 && rest.StartsWith("//", StringComparison.Ordinal) && !rest.StartsWith("///", StringComparison.Ordinal))
        {
            var end = rest.AsSpan(2).IndexOfAny("/?");
            var authority = end < 0 ? rest[2..] : rest.Substring(2, end);
            rest = end < 0 ? "" : rest[(end + 2)..];
            if (!IsAuthority(authority))
            {
                return false;
            }
        }

        var query = rest.IndexOf('?', StringComparison.Ordinal);
        return HasWholeEscapes(query < 0 ? rest : rest[..query]);
    }

    // 0: none, -1: a colon where no scheme can be.
    private static int SchemeLength(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ':')
            {
                return i == 0 ? -1 : i;
            }

            if (!char.IsAsciiLetter(text[i]) && (i == 0 || !(char.IsAsciiDigit(text[i]) || text[i] is '+' or '-' or '.')))
            {
                return 0;
            }
        }

        return 0;
    }

    private static bool IsAuthority(string authority)
    {
        var host = authority[(authority.LastIndexOf('@') + 1)..];
        var port = host.StartsWith('[') ? host[(host.IndexOf(']', StringComparison.Ordinal) + 1)..] : host.LastIndexOf(':') is >= 0 and var colon ? host[colon..] : "";
        return (!host.StartsWith('[') || host.Contains(']', StringComparison.Ordinal)) && !host.AsSpan().ContainsAny(" \"<>^`{|}\\")
            && (port.Length == 0 || (port[0] == ':' && port.Skip(1).All(char.IsAsciiDigit)));
    }

    private static bool HasWholeEscapes(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])))
            {
                return false;
            }
        }

        return true;
    }
}
