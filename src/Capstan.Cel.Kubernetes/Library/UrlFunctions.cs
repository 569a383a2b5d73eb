using System.Collections.Immutable;
using Capstan.Cel.Checking;
using Capstan.Cel.Library;

namespace Capstan.Cel.Kubernetes.Library;

/// <summary>URLs as Go's net/url reads them. What is no absolute URI or path is an error of <c>url</c>.</summary>
internal static class UrlFunctions
{
    public static ImmutableArray<FunctionDeclaration> Declarations { get; } = SignatureReader.Functions(
        """
        url
          string_to_url (string) -> kubernetes.URL
        isURL
          is_url_string (string) -> bool
        getScheme
          url_get_scheme kubernetes.URL.() -> string
        getHost
          url_get_host kubernetes.URL.() -> string
        getHostname
          url_get_hostname kubernetes.URL.() -> string
        getPort
          url_get_port kubernetes.URL.() -> string
        getEscapedPath
          url_get_escaped_path kubernetes.URL.() -> string
        getQuery
          url_get_query kubernetes.URL.() -> map(string, list(string))
        """);

    public static void Declare(FunctionSet set)
    {
        set.OfText("url", text => Url.TryParse(text, out var url, out var error) ? CelValue.Of(new UrlValue(url!)) : CelValue.Failure(error!));
        set.OfText("isURL", text => CelValue.Of(Url.Fault(text) is null));
        set.Of<UrlValue>("getScheme", u => CelValue.Of(u.Url.Scheme));
        set.Of<UrlValue>("getHost", u => CelValue.Of(u.Url.Host));
        set.Of<UrlValue>("getHostname", u => CelValue.Of(u.Url.Hostname));
        set.Of<UrlValue>("getPort", u => CelValue.Of(u.Url.Port));
        set.Of<UrlValue>("getEscapedPath", u => CelValue.Of(u.Url.EscapedPath));
        set.Of<UrlValue>("getQuery", u => CelValue.Of(CelMap.Of([.. u.Url.Query.Select(pair => (CelValue.Of(pair.Key), pair.Value.List()))])));
    }
}

/// <summary>A URL as a value of CEL.</summary>
internal sealed record UrlValue(Url Url) : ICelObject
{
    public string TypeName => "kubernetes.URL";

    public override string ToString() => Url.ToString();
}
