using Capstan.Client;

namespace Capstan;

/// <summary>Where an API server is and who asks: one context of a kubeconfig, or the service account of a pod.</summary>
public sealed record KubeConfig
{
    /// <summary>Address of the server, with scheme; a path in it is kept.</summary>
    public required Uri Server { get; init; }

    /// <summary>Where this was read from, for messages: a file and its context, or <c>in-cluster</c>.</summary>
    public string Source { get; init; } = "code";

    /// <summary>Namespace of the context, or that of the pod; null if none is said.</summary>
    public string? Namespace { get; init; }

    /// <summary>PEM text of the authorities that the server's certificate must descend from; null trusts those of the system.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>File that <see cref="CertificateAuthority"/> was read from; it is read again after at most a minute, and new connections trust what it then says. Null: it never changes.</summary>
    public string? CertificateAuthorityFile { get; init; }

    /// <summary>Name to expect in the server's certificate instead of the host of <see cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Accept any certificate of the server. Default false.</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>Proxy to go through (<c>http</c>, <c>https</c>, <c>socks5</c>), with user and password if it asks for them; null takes that of the environment.</summary>
    public Uri? ProxyUrl { get; init; }

    /// <summary>PEM text of the client's certificate, with intermediate ones after it.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>PEM text of the key of <see cref="ClientCertificate"/>.</summary>
    public string? ClientKey { get; init; }

    /// <summary>File that <see cref="ClientCertificate"/> was read from. With <see cref="ClientKeyFile"/> it is read again after at most a minute; a new pair is shown on new connections. Null: it never changes.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>File that <see cref="ClientKey"/> was read from.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>Bearer token.</summary>
    public string? Token { get; init; }

    /// <summary>File with a bearer token that is replaced now and then; read again after at most a minute. Goes before <see cref="Token"/>.</summary>
    public string? TokenFile { get; init; }

    /// <summary>User of basic authentication.</summary>
    public string? Username { get; init; }

    /// <summary>Password of basic authentication.</summary>
    public string? Password { get; init; }

    /// <summary>Program that tells the credentials. Not asked if there is a token, a user with password, or a client certificate.</summary>
    public ExecPlugin? Exec { get; init; }

    /// <summary>Whom all requests act as; null: as the credentials say.</summary>
    public Impersonation? Impersonate { get; init; }

    /// <summary>
    /// Finds the configuration as every Kubernetes program does: <paramref name="path"/>; else the files of the environment variable
    /// <c>KUBECONFIG</c>, merged; else the pod's service account; else <c>~/.kube/config</c>.
    /// </summary>
    /// <param name="path">A kubeconfig that must exist; null looks further.</param>
    /// <param name="context">Context to take; null takes <c>current-context</c>.</param>
    /// <exception cref="KubeConfigException">Nothing was found, or what was found is wrong; the message names file and field.</exception>
    public static KubeConfig Load(string? path = null, string? context = null) => KubeConfigSearch.Load(path, context);
}

/// <summary>A program that prints credentials (client.authentication.k8s.io ExecCredential).</summary>
public sealed record ExecPlugin
{
    /// <summary>Version of the protocol: <c>client.authentication.k8s.io/v1</c> or <c>v1beta1</c>.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>Program; a relative path with a slash is relative to the kubeconfig.</summary>
    public required string Command { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>Variables that are set for it besides those of this process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it is told the server's address and authority.</summary>
    public bool ProvideClusterInfo { get; init; }

    /// <summary>JSON that the cluster's extension <c>client.authentication.k8s.io/exec</c> has for the program; told with <see cref="ProvideClusterInfo"/>.</summary>
    public string? ClusterConfig { get; init; }

    /// <summary>What to tell a person when the program is missing.</summary>
    public string? InstallHint { get; init; }
}

/// <summary>A kubeconfig is missing or wrong.</summary>
public sealed class KubeConfigException : Exception
{
    /// <summary>Says what is wrong, with file and field.</summary>
    public KubeConfigException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
