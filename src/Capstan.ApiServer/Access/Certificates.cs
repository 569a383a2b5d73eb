using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Capstan.ApiServer.Access;

/// <summary>The server's own certificate authority, and the certificates that it signs. Keys are ECDSA P-256: made in milliseconds.</summary>
internal sealed class Certificates : IDisposable
{
    // Longer than any local run, with room for a clock that is set back.
    private static readonly TimeSpan Before = TimeSpan.FromHours(24);
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    /// <summary>Where pods reach the API: the Service <c>default/kubernetes</c>.</summary>
    public static readonly IPAddress ServiceAddress = new([127, 96, 0, 1]);

    private readonly TimeProvider _clock;
    private readonly X509Certificate2 _authority;

    /// <param name="authority">With its key; disposed with this.</param>
    /// <param name="clock">By which client certificates are judged.</param>
    public Certificates(X509Certificate2 authority, TimeProvider clock)
    {
        _authority = authority;
        _clock = clock;
    }

    /// <summary>A new authority, valid for ten years.</summary>
    public static X509Certificate2 NewAuthority(string name, TimeProvider clock)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name(name, []), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(clock.GetUtcNow() - Before, clock.GetUtcNow() + Lifetime);
    }

    /// <summary>The authority's certificate, in PEM.</summary>
    public string AuthorityPem => _authority.ExportCertificatePem();

    /// <summary>A certificate for serving on this machine, under the names by which clients and pods reach the API.</summary>
    public X509Certificate2 Serving()
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in (string[])["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"])
        {
            names.AddDnsName(name);
        }

        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(ServiceAddress);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        return Sign(Name("kube-apiserver", []), "1.3.6.1.5.5.7.3.1", names.Build());
    }

    /// <summary>A client certificate: the common name is the user, the organizations are the groups.</summary>
    public X509Certificate2 Client(string user, params IReadOnlyList<string> groups) => Sign(Name(user, groups), "1.3.6.1.5.5.7.3.2");

    /// <summary>Whether <paramref name="certificate"/> was signed here for a client and is valid now.</summary>
    public bool IsClient(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = _clock.GetUtcNow().LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        return chain.Build(certificate);
    }

    public void Dispose() => _authority.Dispose();

    private X509Certificate2 Sign(X500DistinguishedName subject, string purpose, X509Extension? names = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        using var signed = request.Create(_authority, _authority.NotBefore, _authority.NotAfter, RandomNumberGenerator.GetBytes(16));
        return signed.CopyWithPrivateKey(key);
    }

    private static X500DistinguishedName Name(string common, IReadOnlyList<string> organizations)
    {
        var name = new X500DistinguishedNameBuilder();
        foreach (var organization in organizations)
        {
            name.AddOrganizationName(organization);
        }

        name.AddCommonName(common);
        return name.Build();
    }
}
