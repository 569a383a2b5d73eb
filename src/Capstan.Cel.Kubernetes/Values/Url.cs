namespace Capstan.Cel.Kubernetes;

/// <summary>An absolute URI or an absolute path, as Go's net/url reads one: laxer than RFC 3986 here, stricter there. Immutable.</summary>
/// <remarks>Octets that were escaped and are no UTF-8 show as U+FFFD in what is given unescaped. Equality is that of <see cref="ToString"/>.</remarks>
public sealed class Url : IEquatable<Url>
{
    private readonly UrlParts _parts;

    private Url(UrlParts parts) => _parts = parts;

    /// <summary>The scheme in lower case; empty for a path.</summary>
    public string Scheme => _parts.Scheme;

    /// <summary>The host unescaped, with its port and the brackets of an IPv6 address; empty without one.</summary>
    public string Host => GoText.FromOctets(_parts.Host);

    /// <summary>The host without port and brackets.</summary>
    public string Hostname => GoText.FromOctets(_parts.SplitHost().Name);

    /// <summary>The port as it was written; empty without one.</summary>
    public string Port => _parts.SplitHost().Port;

    /// <summary>The path, escaped; as it was written if that is a way to write it.</summary>
    public string EscapedPath => GoText.FromOctets(_parts.EscapedPath);

    /// <summary>The values of the query by name, each in order of appearance. Pairs that are malformed are left out.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Query => UrlQuery.Read(_parts.Query);

    /// <summary>Reads a URL as CEL's <c>url()</c> does; <paramref name="error"/> is the message of that function.</summary>
    public static bool TryParse(string text, out Url? url, out string? error)
    {
        url = null;
        error = Fault(text);
        if (error is null)
        {
            // What is checked as a request's target, where a fragment belongs to the path or query, is then taken apart as a reference.
            var octets = GoText.ToOctets(text);
            var parts = UrlReader.ReadReference(octets, out var fault);
            error = fault;
            url = parts is null ? null : new(parts);
        }

        error = error is null ? null : $"URL parse error during conversion from string: {error}";
        return url is not null;
    }

    /// <summary>Why a text is neither absolute URI nor absolute path, in Go's words; null when it is one.</summary>
    public static string? Fault(string text)
    {
        UrlReader.ReadRequestTarget(GoText.ToOctets(text), out var fault);
        return fault;
    }

    /// <inheritdoc/>
    public bool Equals(Url? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Url);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The URL put together again.</summary>
    public override string ToString() => GoText.FromOctets(_parts.ToString());
}
