using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Capstan.Webhooks;

/// <summary>A certificate with the key that belongs to it and the chain that goes with it, ready to be served. Immutable.</summary>
internal sealed class ServingCertificate
{
    private ServingCertificate(X509Certificate2 leaf, SslStreamCertificateContext context)
    {
        Leaf = leaf;
        Context = context;
    }

    public X509Certificate2 Leaf { get; }

    /// <summary>What a TLS server needs of it.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Reads a pair.</summary>
    /// <param name="certificates">PEM: the certificate, then those that lead from it to its authority.</param>
    /// <param name="key">PEM of its key.</param>
    /// <exception cref="CertificateException">One of them cannot be read, or they do not belong together.</exception>
    public static ServingCertificate Read(string certificates, string key)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificates);
            var leaf = X509Certificate2.CreateFromPem(certificates, key);
            return new(leaf, SslStreamCertificateContext.Create(leaf, chain, offline: true));
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new CertificateException($"certificate and key are no pair that can be served: {error.Message}", error);
        }
    }
}

/// <summary>There is nothing that could be served.</summary>
internal sealed class CertificateException(string message, Exception? cause = null) : Exception(message, cause);
