using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Capstan.Webhooks;

/// <summary>A certificate and the authority that signed it, in PEM. The authority's key is forgotten at once: it signs one certificate and no other,
/// so that who trusts it trusts nothing else, for ever.</summary>
/// <param name="Authority">The authority's certificate: what a <c>caBundle</c> holds.</param>
/// <param name="Certificate">The certificate that is served.</param>
/// <param name="Key">Its key.</param>
internal sealed record SelfSignedPair(string Authority, string Certificate, string Key)
{
    // For machines whose clock is behind ours.
    private static readonly TimeSpan Before = TimeSpan.FromHours(1);

    /// <summary>Makes one. The keys are ECDSA P-256: done in milliseconds.</summary>
    /// <param name="name">Common name, for people.</param>
    /// <param name="hosts">DNS names and addresses under which it is served.</param>
    /// <param name="now">When it begins.</param>
    /// <param name="lifetime">How long both are valid.</param>
    public static SelfSignedPair Create(string name, IEnumerable<string> hosts, DateTimeOffset now, TimeSpan lifetime)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // Authorities that follow each other stand in one bundle: each needs a name of its own, by which a chain is put together.
        var generation = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var request = new CertificateRequest(Named($"{name}-ca-{generation}"), authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var authority = request.CreateSelfSigned(now - Before, now + lifetime);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leafRequest = new CertificateRequest(Named(name), key, HashAlgorithmName.SHA256);
        leafRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        leafRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        leafRequest.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        leafRequest.CertificateExtensions.Add(Names(hosts));
        leafRequest.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        using var leaf = leafRequest.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(16));
        return new(authority.ExportCertificatePem() + "\n", leaf.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private static X509Extension Names(IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return names.Build();
    }

    private static X500DistinguishedName Named(string name)
    {
        var built = new X500DistinguishedNameBuilder();

        // X.509 allows no more.
        built.AddCommonName(name.Length <= 64 ? name : name[..64]);
        return built.Build();
    }
}
