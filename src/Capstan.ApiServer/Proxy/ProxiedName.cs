namespace Capstan.ApiServer.Proxy;

/// <summary>What a proxied path names: <c>NAME</c>, <c>NAME:PORT</c> or <c>SCHEME:NAME:PORT</c>. Empty parts were not given.</summary>
internal readonly record struct ProxiedName(string Scheme, string Name, string Port)
{
    /// <summary>Null when it is none of these.</summary>
    public static ProxiedName? Parse(string text)
    {
        ProxiedName? parsed = text.Split(':') switch
        {
            [var name] => new("", name, ""),
            [var name, var port] => new("", name, port),
            [var scheme and ("" or "http" or "https"), var name, var port] => new(scheme, name, port),
            _ => null,
        };
        return parsed is { Name.Length: > 0 } ? parsed : null;
    }

    /// <summary>Where that is, at an address: http unless https is asked for; the scheme's port where none is given.</summary>
    public UriBuilder At(string host, int? port) => new(Scheme == "https" ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, host, port ?? (Scheme == "https" ? 443 : 80));
}
