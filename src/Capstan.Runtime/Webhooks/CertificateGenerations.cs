using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Webhooks;

/// <summary>What the Secret of a self-signed certificate holds: the pair that is served, the one that is to follow it, and the authority before it. Immutable.</summary>
internal sealed record CertificateGenerations(SelfSignedPair Current)
{
    /// <summary>When the authority of <see cref="Next"/> had reached every configuration.</summary>
    private const string PublishedAtAnnotation = "capstan.dev/next-published-at";

    public SelfSignedPair? Next { get; init; }

    /// <summary>Of the pair that was served before: a replica that is behind still serves it.</summary>
    public string? PreviousAuthority { get; init; }

    public DateTimeOffset? NextPublishedAt { get; init; }

    /// <summary>All authorities, for a <c>caBundle</c>. The order does not tell which is which, so that a switch changes nothing in it.</summary>
    public string Bundle => string.Concat(
        new[] { Current.Authority, Next?.Authority, PreviousAuthority }.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    /// <summary>Ready to be served.</summary>
    /// <exception cref="CertificateException">The pair is none.</exception>
    public ServingCertificate ToServing() => ServingCertificate.Read(Current.Certificate, Current.Key);

    /// <exception cref="CertificateException">The Secret holds no pair.</exception>
    public static CertificateGenerations Read(DynamicObject secret)
    {
        var data = secret.ToJson()["data"] as JsonObject ?? [];
        var read = new CertificateGenerations(Pair(data, "") ?? throw new CertificateException("ca.crt, tls.crt and tls.key are not all there"))
        {
            Next = Pair(data, "next-"),
            PreviousAuthority = Text(data, "previous-ca.crt"),
            NextPublishedAt = secret.Annotations.TryGetValue(PublishedAtAnnotation, out var text)
                && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null,
        };
        _ = read.ToServing();
        if (read.Next is { } next)
        {
            _ = ServingCertificate.Read(next.Certificate, next.Key);
        }

        return read;
    }

    /// <summary>A Secret that holds this, and otherwise is as <paramref name="stored"/>.</summary>
    public DynamicObject WriteTo(DynamicObject stored)
    {
        var secret = stored.ToJson();
        var data = new JsonObject();
        Put(data, "", Current);
        Put(data, "next-", Next);
        if (PreviousAuthority is not null)
        {
            data["previous-ca.crt"] = Base64(PreviousAuthority);
        }

        secret["data"] = data;
        var metadata = secret["metadata"]!.AsObject();
        var annotations = metadata["annotations"] as JsonObject ?? [];
        annotations.Remove(PublishedAtAnnotation);
        if (NextPublishedAt is { } at)
        {
            annotations[PublishedAtAnnotation] = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        }

        metadata["annotations"] = annotations.DeepClone();
        return DynamicObject.From(secret);
    }

    /// <summary>A Secret of this name that holds this.</summary>
    public DynamicObject ToSecret(ObjectKey key) => WriteTo(DynamicObject.From(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace },
        ["type"] = "kubernetes.io/tls",
    }));

    private static SelfSignedPair? Pair(JsonObject data, string prefix) =>
        Text(data, prefix + "ca.crt") is { } authority && Text(data, prefix + "tls.crt") is { } certificate && Text(data, prefix + "tls.key") is { } key
            ? new(authority, certificate, key)
            : null;

    private static void Put(JsonObject data, string prefix, SelfSignedPair? pair)
    {
        if (pair is not null)
        {
            data[prefix + "ca.crt"] = Base64(pair.Authority);
            data[prefix + "tls.crt"] = Base64(pair.Certificate);
            data[prefix + "tls.key"] = Base64(pair.Key);
        }
    }

    private static string? Text(JsonObject data, string name)
    {
        if (data[name] is not JsonValue value || !value.TryGetValue<string>(out var base64) || base64.Length == 0)
        {
            return null;
        }

        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException error)
        {
            throw new CertificateException($"{name}: {error.Message}", error);
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
