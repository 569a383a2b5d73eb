using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Capstan.Diagnostics;

namespace Capstan.Client;

/// <summary>How connections are made: whom TLS trusts, what it shows, and how a dead connection is found.</summary>
internal static class ServerConnection
{
    // Without pings a connection that the network forgot looks like a watch with nothing to tell, for a quarter of an hour.
    public static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(15);

    /// <param name="config">Server, proxy, and what of TLS does not change.</param>
    /// <param name="identity">What of TLS may change: connections of this handler keep it.</param>
    public static SocketsHttpHandler CreateHandler(KubeConfig config, TlsIdentity identity)
    {
        var handler = new SocketsHttpHandler
        {
            // A server allows 100 streams per connection, and each watch is one for minutes.
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,

            // Names of users to act as may be of any script; the server reads UTF-8.
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        };
        if (config.ProxyUrl is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy) { Credentials = ProxyCredentials(proxy) };
        }

        handler.SslOptions.CertificateChainPolicy = ChainPolicy(config, identity.Authority);
        handler.SslOptions.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
        if (config.InsecureSkipTlsVerify)
        {
#pragma warning disable CA5359 // it is what the person asked for
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        if (identity.Certificate is { } shown)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(shown, null, offline: true);
        }
        else if (identity.CertificatePem is { } pem)
        {
            handler.SslOptions.ClientCertificateContext = ClientCertificate(config, pem, identity.KeyPem);
        }

        return handler;
    }

    /// <summary>As the handler would connect by itself, but the time for the name is measured, and the network is asked now and then whether the connection still is.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        if (!IPAddress.TryParse(host, out var literal))
        {
            literal = null;
        }

        var started = Stopwatch.GetTimestamp();
        var addresses = literal is null ? await Dns.GetHostAddressesAsync(host, cancellationToken) : [literal];
        if (literal is null)
        {
            ClientInstruments.Resolved(host, Stopwatch.GetElapsedTime(started));
        }

        // Both families, whatever the machine has.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)PingDelay.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)PingTimeout.TotalSeconds);
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static NetworkCredential? ProxyCredentials(Uri proxy)
    {
        if (proxy.UserInfo.Length == 0)
        {
            return null;
        }

        var parts = proxy.UserInfo.Split(':', 2);
        return new(Uri.UnescapeDataString(parts[0]), parts.Length < 2 ? "" : Uri.UnescapeDataString(parts[1]));
    }

    /// <summary>The authorities of the configuration replace those of the system. The host name is checked by TLS itself, which a callback would take over.</summary>
    private static X509ChainPolicy? ChainPolicy(KubeConfig config, string? authority)
    {
        if (authority is not { } pem)
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

    private static SslStreamCertificateContext ClientCertificate(KubeConfig config, string pem, string? key)
    {
        if (key is null)
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
