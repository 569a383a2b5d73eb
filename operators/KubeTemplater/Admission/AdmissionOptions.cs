using Capstan;

namespace KubeTemplater.Admission;

/// <summary>How the operator's webhooks are served, by which templates and policies are judged before they are stored.</summary>
public sealed record AdmissionOptions
{
    internal const string DefaultSecret = "kubetemplater-webhook-cert";
    internal const string DefaultConfiguration = "kubetemplater-validating-webhook-configuration";

    /// <summary>Where API servers reach them: <c>host:port</c> or <c>:port</c>; <c>0</c> is off. Default off.</summary>
    public string BindAddress { get; init; } = "0";

    /// <summary>Certificate and key from files that something else renews. Default null: the operator makes and renews its own, in <see cref="SecretName"/>.</summary>
    public CertificateFileOptions? Certificate { get; init; }

    /// <summary>Secret in the operator's namespace that holds the operator's own certificate.</summary>
    public string SecretName { get; init; } = DefaultSecret;

    /// <summary>Service in the operator's namespace by which API servers reach the webhooks.</summary>
    public string ServiceName { get; init; } = "kubetemplater-webhook-service";

    /// <summary>ValidatingWebhookConfiguration whose <c>caBundle</c> the operator keeps current when the certificate is its own.</summary>
    public string ConfigurationName { get; init; } = DefaultConfiguration;

    /// <summary>For an operator beside the API server, on the same machine: the configuration is led to this process in place of the Service. Default false.</summary>
    public bool UseLocalUrl { get; init; }

    /// <summary>Whether they are served.</summary>
    public bool IsServed => BindAddress != "0";

    internal WebhookOptions ToWebhooks(string operatorNamespace) => new()
    {
        BindAddress = BindAddress,
        Certificate = Certificate,
        SelfSigned = new()
        {
            Namespace = operatorNamespace,
            SecretName = SecretName,
            ServiceName = ServiceName,
            ValidatingWebhookConfigurations = [ConfigurationName],
            UseLocalUrl = UseLocalUrl,
        },
    };
}
