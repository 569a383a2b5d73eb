using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Capstan.ApiServer.Proxy;
using Capstan.ApiServer.Storage.Durable;

namespace Capstan.ApiServer.Access;

/// <summary>By what the server is known and what it signs with: its authority, the key of its tokens, the certificate that it serves with.</summary>
internal sealed class ServerIdentity : IAsyncDisposable
{
    /// <summary>The name in <see cref="FrontProxyClient"/>.</summary>
    public const string FrontProxyName = "front-proxy-client";

    private readonly X509Certificate2 _serving;

    private ServerIdentity(DataDirectory? directory, TimeProvider clock)
    {
        Certificates = new Certificates(KeyFiles.Authority(directory, clock), clock);
        FrontProxy = new Certificates(KeyFiles.FrontProxyAuthority(directory, clock), clock);
        FrontProxyClient = FrontProxy.Client(FrontProxyName);
        _serving = Certificates.Serving();
        Proxies = new ProxyClients(Certificates.Client("kube-apiserver-kubelet-client", UserInfo.Masters));
        Tls = Task.Run(TlsOptions);
        TokenKey = KeyFiles.Tokens(directory);
    }

    public Certificates Certificates { get; }

    /// <summary>The authority of <see cref="FrontProxyClient"/>.</summary>
    public Certificates FrontProxy { get; }

    /// <summary>By this other servers know this one, and believe what it says of who asks.</summary>
    public X509Certificate2 FrontProxyClient { get; }

    /// <summary>Connections to kubelets, who know the server by its certificate, and to pods.</summary>
    public ProxyClients Proxies { get; }

    /// <summary>The key that tokens of ServiceAccounts are signed with.</summary>
    public ECDsa TokenKey { get; }

    /// <summary>What connections are met with. It comes a tenth of a second later than the rest: .NET reads all certificates that this machine trusts
    /// before it makes a chain of one, whoever signed that.</summary>
    public Task<SslServerAuthenticationOptions> Tls { get; }

    /// <summary>Reads or makes all that, beside what else a server does when it starts: most of it is code of OpenSSL that runs for the first time.</summary>
    /// <exception cref="DataDirectoryException">A file cannot be read, or the directory not be written.</exception>
    public static Task<ServerIdentity> LoadAsync(DataDirectory? directory, TimeProvider clock) => Task.Run(() => new ServerIdentity(directory, clock));

    public async ValueTask DisposeAsync()
    {
        await ((Task)Tls).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _serving.Dispose();
        Proxies.Dispose();
        FrontProxyClient.Dispose();
        FrontProxy.Dispose();
        TokenKey.Dispose();
        Certificates.Dispose();
    }

    private SslServerAuthenticationOptions TlsOptions() => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(_serving, additionalCertificates: null, offline: true),
        ClientCertificateRequired = true,

        // Judged per request, so that a wrong certificate is answered with a Status instead of a broken handshake. Whoever calls, nothing is fetched for him.
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        },
    };
}
