using System.Buffers;
using System.Globalization;
using System.Text;

namespace Capstan.Cel.Kubernetes;

/// <summary>A part of a URL: each has characters of its own that need no escape.</summary>
internal enum UrlPart
{
    Path,
    Host,
    Zone,
    UserInfo,
    Query,
    Fragment,
}

/// <summary>Escapes and unescapes octets (see <see cref="GoText"/>) by the rules of Go's net/url.</summary>
internal static class UrlEscaping
{
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const string Unreserved = LettersAndDigits + "-_.~";
    private static readonly SearchValues<char> InPath = SearchValues.Create(Unreserved + "$&+,/:;=@");
    private static readonly SearchValues<char> InHost = SearchValues.Create(Unreserved + "!$&'()*+,;=:[]<>\"");
    private static readonly SearchValues<char> InUserInfo = SearchValues.Create(Unreserved + "$&+,;=");
    private static readonly SearchValues<char> InQuery = SearchValues.Create(Unreserved);
    private static readonly SearchValues<char> InFragment = SearchValues.Create(Unreserved + "$&+,/:;=?@!()*");

    /// <summary>Characters that are taken as they are in what was written, though they would be written escaped.</summary>
    private static readonly SearchValues<char> Tolerated = SearchValues.Create("!$&'()*+,;=:@[]%");

    public static string Escape(string octets, UrlPart part)
    {
        var plain = Plain(part);
        if (octets.AsSpan().IndexOfAnyExcept(plain) < 0)
        {
            return octets;
        }

        var escaped = new StringBuilder(octets.Length + 8);
        foreach (var octet in octets)
        {
            if (plain.Contains(octet))
            {
                escaped.Append(octet);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"%{(int)octet:X2}");
            }
        }

        return escaped.ToString();
    }

    /// <summary>The octets unescaped; null and a fault when an escape or a character is out of place.</summary>
    public static string? Unescape(string octets, UrlPart part, out string? fault)
    {
        fault = null;
        var result = new StringBuilder(octets.Length);
        for (var i = 0; i < octets.Length; i++)
        {
            var octet = octets[i];
            if (octet == '%')
            {
                var escape = octets.Substring(i, Math.Min(3, octets.Length - i));
                if (!IsAllowed(escape, part, out octet))
                {
                    fault = $"invalid URL escape {GoText.QuoteOctets(escape)}";
                    return null;
                }

                i += 2;
            }
            else if (octet == '+' && part == UrlPart.Query)
            {
                octet = ' ';
            }
            else if (part is UrlPart.Host or UrlPart.Zone && octet < 0x80 && !InHost.Contains(octet))
            {
                fault = $"invalid character {GoText.QuoteOctets(octet.ToString())} in host name";
                return null;
            }

            result.Append(octet);
        }

        return result.ToString();
    }

    /// <summary>Whether what was written can stand as the escaped form.</summary>
    public static bool IsEscaped(string octets, UrlPart part)
    {
        var plain = Plain(part);
        return octets.All(octet => plain.Contains(octet) || Tolerated.Contains(octet));
    }

    private static SearchValues<char> Plain(UrlPart part) => part switch
    {
        UrlPart.Path => InPath,
        UrlPart.Host or UrlPart.Zone => InHost,
        UrlPart.UserInfo => InUserInfo,
        UrlPart.Query => InQuery,
        _ => InFragment,
    };

    private static bool IsAllowed(string escape, UrlPart part, out char octet)
    {
        octet = '\0';
        if (escape.Length < 3 || !byte.TryParse(escape.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        octet = (char)value;
        return part switch
        {
            // Hosts are escaped only where they are not ASCII; zones may have spaces, as Windows' do.
            UrlPart.Host => value >= 0x80 || escape == "%25",
            UrlPart.Zone => escape == "%25" || octet == ' ' || InHost.Contains(octet),
            _ => true,
        };
    }
}
