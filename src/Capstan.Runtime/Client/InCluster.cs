namespace Capstan.Client;

/// <summary>The configuration of a pod: environment and mounted service account.</summary>
internal static class InCluster
{
    private const string Account = "/var/run/secrets/kubernetes.io/serviceaccount";

    public static KubeConfig? Detect(string directory = Account)
    {
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
        return string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port) ? null : Read(directory, host, port);
    }

    /// <exception cref="KubeConfigException">The environment says that this is a pod, but the account is not mounted.</exception>
    internal static KubeConfig Read(string directory, string host, string port)
    {
        try
        {
            var token = Path.Combine(directory, "token");
            if (!File.Exists(token))
            {
                throw new KubeConfigException($"in-cluster: there is no {token}: is automountServiceAccountToken off?");
            }

            var authority = Path.Combine(directory, "ca.crt");
            var space = Path.Combine(directory, "namespace");
            return new KubeConfig
            {
                Server = new Uri($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}"),
                Source = "in-cluster",
                CertificateAuthority = File.ReadAllText(authority),
                CertificateAuthorityFile = authority,
                TokenFile = token,
                Namespace = File.Exists(space) ? File.ReadAllText(space).Trim() : null,
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or UriFormatException)
        {
            throw new KubeConfigException($"in-cluster: {error.Message}", error);
        }
    }
}
