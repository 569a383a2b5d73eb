using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Testing.Tests;

/// <summary>A client that knows HTTP and nothing else: no retries, nothing of Kubernetes.</summary>
internal static class BareClient
{
    public static HttpClient Of(TestCluster cluster, string userAgent = "bare/1.0")
    {
        var kubeconfig = File.ReadAllText(cluster.KubeconfigPath);
        string Pem(string field) => Encoding.ASCII.GetString(Convert.FromBase64String(Regex.Match(kubeconfig, field + ": (.*)").Groups[1].Value));
        var certificate = X509Certificate2.CreateFromPem(Pem("client-certificate-data"), Pem("client-key-data"));
        var handler = new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
            },
        };
        var client = new HttpClient(handler) { BaseAddress = cluster.Url };
        client.DefaultRequestHeaders.UserAgent.ParseAdd(userAgent);
        return client;
    }
}
