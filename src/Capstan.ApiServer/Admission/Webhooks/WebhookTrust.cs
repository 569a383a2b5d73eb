using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>Judges the certificate of a webhook server: signed by what its configuration names, for the name that it is asked under.</summary>
internal sealed class WebhookTrust(WebhookClientConfig config)
{
    /// <summary>What is trusted; null for what the machine trusts, where nothing is named.</summary>
    /// <exception cref="WebhookFailure">There is no certificate in it.</exception>
    public static X509ChainPolicy? Policy(string bundle)
    {
        if (bundle.Length == 0)
        {
            return null;
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        try
        {
            policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(bundle)));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new WebhookFailure($"could not get REST client: unable to load root certificates: {e.Message}");
        }

        return policy;
    }

    /// <summary>Called by the handshake.</summary>
    /// <exception cref="AuthenticationException">Not to be trusted; worded as Kubernetes words it.</exception>
    public bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var fault = errors switch
        {
            SslPolicyErrors.None => null,
            _ when certificate is not X509Certificate2 => "x509: no certificate",
            _ when (errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0 && !EndsInTrusted(chain) => ChainFault(chain),
            _ when (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0 => NameFault((X509Certificate2)certificate),
            _ => null,
        };
        return fault is null ? true : throw new AuthenticationException($"tls: failed to verify certificate: {fault}");
    }

    // Whoever names a certificate trusts it, also one that was signed by another. To .NET such a chain has no end, which is then its one fault.
    private static bool EndsInTrusted(X509Chain? chain) =>
        chain is { ChainElements: [.., var last], ChainPolicy.TrustMode: X509ChainTrustMode.CustomRootTrust }
        && chain.ChainStatus.All(status => status.Status == X509ChainStatusFlags.PartialChain)
        && chain.ChainPolicy.CustomTrustStore.Any(trusted => trusted.RawDataMemory.Span.SequenceEqual(last.Certificate.RawDataMemory.Span));

    private static string ChainFault(X509Chain? chain)
    {
        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.NoError;
        return (status & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid)) != 0 ? "x509: certificate signed by unknown authority"
            : (status & X509ChainStatusFlags.NotTimeValid) != 0 ? "x509: certificate has expired or is not yet valid"
            : (status & X509ChainStatusFlags.NotValidForUsage) != 0 ? "x509: certificate specifies an incompatible key usage"
            : "x509: certificate signed by unknown authority";
    }

    private string NameFault(X509Certificate2 certificate)
    {
        var host = config.Service?.Host ?? new Uri(config.Url).Host.Trim('[', ']');
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        if (System.Net.IPAddress.TryParse(host, out _))
        {
            var addresses = names?.EnumerateIPAddresses().Select(a => a.ToString()).ToList() ?? [];
            return addresses.Count == 0
                ? $"x509: cannot validate certificate for {host} because it doesn't contain any IP SANs"
                : $"x509: certificate is valid for {string.Join(", ", addresses)}, not {host}";
        }

        var hosts = names?.EnumerateDnsNames().ToList() ?? [];
        return hosts.Count > 0 ? $"x509: certificate is valid for {string.Join(", ", hosts)}, not {host}"
            : names is null && certificate.GetNameInfo(X509NameType.SimpleName, false).Length > 0 ? "x509: certificate relies on legacy Common Name field, use SANs instead"
            : $"x509: certificate is not valid for any names, but wanted to match {host}";
    }
}
