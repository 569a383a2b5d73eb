using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Capstan.ApiServer.Proxy;

/// <summary>Connections to kubelets and pods, kept for the next request. Thread-safe.</summary>
/// <param name="kubeletClient">The certificate by which kubelets know the API server; disposed with this.</param>
internal sealed class ProxyClients(X509Certificate2 kubeletClient) : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    // Made when first used: a client certificate costs a start more than all the rest of this.
    private readonly Lazy<HttpMessageInvoker> _kubelets = new(() => new(Handler(kubeletClient)));
    private readonly Lazy<HttpMessageInvoker> _pods = new(() => new(Handler(null)));

    /// <summary>As the API server, to kubelets: they know it by its certificate. Theirs is not looked at, as in Kubernetes by default.</summary>
    public HttpMessageInvoker Kubelets => _kubelets.Value;

    /// <summary>As nobody, to pods.</summary>
    public HttpMessageInvoker Pods => _pods.Value;

    /// <summary>A handler that hands on what comes as it comes.</summary>
    public static SocketsHttpHandler Handler(X509Certificate2? certificate)
    {
        var ssl = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true };
        if (certificate is not null)
        {
            ssl.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        }

        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = ConnectTimeout,
            SslOptions = ssl,
        };
    }

    public void Dispose()
    {
        kubeletClient.Dispose();
        foreach (var client in (Lazy<HttpMessageInvoker>[])[_kubelets, _pods])
        {
            if (client.IsValueCreated)
            {
                client.Value.Dispose();
            }
        }
    }
}
