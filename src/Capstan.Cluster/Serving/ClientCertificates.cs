using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Capstan.Cluster.Serving;

/// <summary>Judges who calls by the certificate that he shows: signed by one authority, for clients. Thread-safe.</summary>
/// <param name="authorityPem">The authority, in PEM.</param>
/// <param name="time">By which certificates are valid.</param>
internal sealed class ClientCertificates(string authorityPem, TimeProvider time) : IDisposable
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private const string OrganizationOid = "2.5.4.10";
    private const string CommonNameOid = "2.5.4.3";
    private readonly X509Certificate2 _authority = X509Certificate2.CreateFromPem(authorityPem);

    /// <summary>User and groups of a certificate; null when it is not to be trusted.</summary>
    public (string User, IReadOnlyList<string> Groups)? Read(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return null;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ForClients));
        if (!chain.Build(certificate))
        {
            return null;
        }

        var parts = certificate.SubjectName.EnumerateRelativeDistinguishedNames().Where(p => !p.HasMultipleElements).ToList();
        IEnumerable<string> Values(string oid) => parts.Where(p => p.GetSingleElementType().Value == oid).Select(p => p.GetSingleElementValue() ?? "");
        return (Values(CommonNameOid).FirstOrDefault() ?? "", [.. Values(OrganizationOid)]);
    }

    public void Dispose() => _authority.Dispose();
}
