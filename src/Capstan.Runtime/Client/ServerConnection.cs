using System.Net;
using System.Net.Security;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Capstan.Client;

/// <summary>How connections are made: whom TLS trusts, what it shows, and how a dead connection is found.</summary>
internal static class ServerConnection
{
    public static readonly string DefaultUserAgent = $"capstan/{Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "0"}";

    public static SocketsHttpHandler CreateHandler(KubeConfig config, Credentials credentials)
    {
        var handler = new SocketsHttpHandler
        {
            // A server allows 100 streams per connection, and each watch is one for minutes.
            EnableMultipleHttp2Connections = true,

            // Without pings a connection that the network forgot looks like a watch with nothing to tell, for a quarter of an hour.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
        };
        if (config.ProxyUrl is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy);
        }

        handler.SslOptions.CertificateChainPolicy = ChainPolicy(config);
        handler.SslOptions.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
        if (config.InsecureSkipTlsVerify)
        {
#pragma warning disable CA5359 // it is what the person asked for
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        if (ClientCertificate(config) is { } own)
        {
            handler.SslOptions.ClientCertificateContext = own;
        }
        else if (credentials.MayHaveCertificate)
        {
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => credentials.Certificate!;
        }

        return handler;
    }

    /// <summary>The authorities of the configuration replace those of the system. The host name is checked by TLS itself, which a callback would take over.</summary>
    private static X509ChainPolicy? ChainPolicy(KubeConfig config)
    {
        if (config.CertificateAuthority is not { } pem)
        {
            return null;
        }

        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        try
        {
            policy.CustomTrustStore.ImportFromPem(pem);
        }
        catch (CryptographicException error)
        {
            throw new KubeConfigException($"{config.Source}: certificate-authority: {error.Message}", error);
        }

        return policy.CustomTrustStore.Count > 0 ? policy : throw new KubeConfigException($"{config.Source}: certificate-authority: no certificate in it");
    }

    private static SslStreamCertificateContext? ClientCertificate(KubeConfig config)
    {
        if (config.ClientCertificate is not { } pem)
        {
            return null;
        }

        if (config.ClientKey is not { } key)
        {
            throw new KubeConfigException($"{config.Source}: client-key: missing beside client-certificate");
        }

        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(pem);
            return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(pem, key), chain, offline: true);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new KubeConfigException($"{config.Source}: client-certificate and client-key: {error.Message}", error);
        }
    }
}
