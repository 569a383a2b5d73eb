namespace Capstan;

/// <summary>How an operator serves its webhooks. Only looked at when it has some.</summary>
public sealed class WebhookOptions
{
    /// <summary>Where API servers reach them: <c>host:port</c> or <c>:port</c> (every address in a pod, the loopback address elsewhere). Port 0 takes a free one. Default <c>:9443</c>.</summary>
    public string BindAddress { get; set; } = ":9443";

    /// <summary>Certificate and key from files that something else renews, for example cert-manager through a mounted Secret. Default null: the operator makes
    /// and renews its own, as <see cref="SelfSigned"/> says.</summary>
    public CertificateFileOptions? Certificate { get; set; }

    /// <summary>The operator's own certificate. Not used with <see cref="Certificate"/>.</summary>
    public SelfSignedCertificateOptions SelfSigned { get; set; } = new();

    /// <summary>Longest body of an admission request that is read. Default 7 MiB: the old and the new object at the 3 MiB that the API server takes, and room around them.</summary>
    public long MaxBodyBytes { get; set; } = 7 << 20;

    /// <summary>Longest body of a conversion that is read: an API server asks for all objects of a list at once. Default 128 MiB.</summary>
    public long MaxConversionBodyBytes { get; set; } = 128 << 20;
}
