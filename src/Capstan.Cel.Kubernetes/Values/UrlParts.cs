using System.Text;

namespace Capstan.Cel.Kubernetes;

/// <summary>A URL taken apart; all texts are octets (see <see cref="GoText"/>).</summary>
/// <param name="Scheme">The scheme in lower case.</param>
/// <param name="Opaque">What follows the scheme, when that is no slash.</param>
/// <param name="UserInfo">User and password, escaped anew; null without.</param>
/// <param name="Host">The host, unescaped.</param>
/// <param name="OmitsHost">Whether a path follows the scheme at once, without <c>//</c>.</param>
/// <param name="Path">The path, unescaped.</param>
/// <param name="WrittenPath">The path as it was written.</param>
/// <param name="Query">The query as it was written.</param>
/// <param name="HasQuery">Whether there is a query, though it may be empty.</param>
/// <param name="Fragment">The fragment, unescaped.</param>
/// <param name="WrittenFragment">The fragment as it was written.</param>
internal sealed record UrlParts(
    string Scheme = "", string Opaque = "", string? UserInfo = null, string Host = "", bool OmitsHost = false, string Path = "", string WrittenPath = "",
    string Query = "", bool HasQuery = false, string Fragment = "", string WrittenFragment = "")
{
    public string EscapedPath => Path == "*" ? "*" : Written(Path, WrittenPath, UrlPart.Path);

    /// <summary>Whether a text is empty or <c>:digits</c>, where the digits may be missing.</summary>
    public static bool IsOptionalPort(string text) => text.Length == 0 || (text[0] == ':' && text.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0);

    public (string Name, string Port) SplitHost()
    {
        var colon = Host.LastIndexOf(':');
        var (name, port) = colon >= 0 && IsOptionalPort(Host[colon..]) ? (Host[..colon], Host[(colon + 1)..]) : (Host, "");
        return (name.Length > 1 && name[0] == '[' && name[^1] == ']' ? name[1..^1] : name, port);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        if (Scheme.Length > 0)
        {
            text.Append(Scheme).Append(':');
        }

        if (Opaque.Length > 0)
        {
            text.Append(Opaque);
        }
        else
        {
            AppendAuthorityAndPath(text);
        }

        if (HasQuery)
        {
            text.Append('?').Append(Query);
        }

        if (Fragment.Length > 0)
        {
            text.Append('#').Append(Written(Fragment, WrittenFragment, UrlPart.Fragment));
        }

        return text.ToString();
    }

    private void AppendAuthorityAndPath(StringBuilder text)
    {
        var hasAuthority = Host.Length > 0 || UserInfo is not null;
        if (hasAuthority || (Scheme.Length > 0 && !OmitsHost && Path.Length > 0))
        {
            text.Append("//");
        }

        if (UserInfo is not null)
        {
            text.Append(UserInfo).Append('@');
        }

        // A path that is read behind a host always begins with a slash.
        text.Append(UrlEscaping.Escape(Host, UrlPart.Host)).Append(EscapedPath);
    }

    private static string Written(string unescaped, string written, UrlPart part) =>
        UrlEscaping.IsEscaped(written, part) ? written : UrlEscaping.Escape(unescaped, part);
}
