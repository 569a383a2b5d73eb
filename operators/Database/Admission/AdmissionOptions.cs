using Capstan;

namespace Databases.Admission;

/// <summary>How the operator's webhooks are served.</summary>
public sealed record AdmissionOptions
{
    internal const string SecretName = "postgres-operator-webhook-cert";
    internal const string Service = "postgres-operator-webhook-service";
    internal const string Mutating = "postgres-operator-mutating-webhook-configuration";
    internal const string Validating = "postgres-operator-validating-webhook-configuration";

    /// <summary>Where API servers reach them: <c>host:port</c> or <c>:port</c>; <c>0</c> is off. Default off.</summary>
    public string BindAddress { get; init; } = "0";

    /// <summary>Certificate and key from files that something else renews, such as cert-manager. Default null: the operator makes and renews its own.</summary>
    public CertificateFileOptions? Certificate { get; init; }

    /// <summary>For an operator beside the API server, on the same machine: the configurations are led to this process in place of the Service. Default false.</summary>
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
            ServiceName = Service,
            MutatingWebhookConfigurations = [Mutating],
            ValidatingWebhookConfigurations = [Validating],
            UseLocalUrl = UseLocalUrl,
        },
    };
}
