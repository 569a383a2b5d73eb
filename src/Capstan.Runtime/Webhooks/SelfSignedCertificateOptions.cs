namespace Capstan;

/// <summary>A certificate that the operator makes for its webhooks, keeps in a Secret for all its replicas, publishes as <c>caBundle</c> and renews in time.</summary>
/// <remarks>Rights that it needs: on the Secret <c>create</c>, and by name <c>get</c>, <c>list</c>, <c>watch</c> and <c>update</c>; on each configuration and definition by name
/// <c>get</c>, <c>list</c>, <c>watch</c> and <c>patch</c>.</remarks>
public sealed class SelfSignedCertificateOptions
{
    /// <summary>Namespace of the Secret and of the Service. Default <c>default</c>.</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>Secret that holds the certificate. Default null: the operator's name and <c>-webhook-cert</c>.</summary>
    public string? SecretName { get; set; }

    /// <summary>Service by which API servers reach the webhooks. Default null: the operator's name and <c>-webhook</c>.</summary>
    public string? ServiceName { get; set; }

    /// <summary>Further names and addresses that the certificate is good for. <c>localhost</c> and the loopback addresses always are.</summary>
    public IReadOnlyList<string> Hosts { get; set; } = [];

    /// <summary>Names of the ValidatingWebhookConfigurations whose every <c>caBundle</c> is kept current. One that does not exist is waited for.</summary>
    public IReadOnlyList<string> ValidatingWebhookConfigurations { get; set; } = [];

    /// <summary>Names of the MutatingWebhookConfigurations, likewise.</summary>
    public IReadOnlyList<string> MutatingWebhookConfigurations { get; set; } = [];

    /// <summary>Names of the CustomResourceDefinitions whose conversion webhook's <c>caBundle</c> is kept current, likewise. Those without one are left alone.</summary>
    public IReadOnlyList<string> CustomResourceDefinitions { get; set; } = [];

    /// <summary>How long a certificate is valid. Default a year.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(365);

    /// <summary>How long before its end a certificate is replaced. Default 30 days.</summary>
    public TimeSpan RenewBefore { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a new authority stands in every <c>caBundle</c> before the certificate that it signed is served: by then every API server must have read it.
    /// Default a minute.</summary>
    public TimeSpan Overlap { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>For an operator beside the cluster, on the API server's own machine: each webhook's <c>clientConfig</c> is made to lead to
    /// <c>https://127.0.0.1:PORT</c> and the path that it had, in place of its Service. Default false: only <c>caBundle</c> is touched.</summary>
    public bool UseLocalUrl { get; set; }
}
