using System.CommandLine;

namespace KubeTemplater.Admission;

/// <summary>The flags of admission, named as the Go operator names them where it has them.</summary>
internal sealed class AdmissionFlags
{
    private const string DefaultAddress = ":9443";

    private static readonly AdmissionOptions Defaults = new();

    private readonly Option<string?> _address = new("--webhook-bind-address")
    {
        Description = $"Address of the admission webhooks; 0 is off. Default: {DefaultAddress} in a pod, or with any other --webhook flag; else 0.",
        HelpName = "ADDRESS",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _directory = new("--webhook-cert-path")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Directory with the certificate of the webhooks, which something else renews. Default: the operator makes one and keeps it in a Secret.",
        HelpName = "DIR",
    };

    private readonly Option<string> _certificate = new("--webhook-cert-name")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "File of the certificate in that directory.",
        DefaultValueFactory = _ => "tls.crt",
    };

    private readonly Option<string> _key = new("--webhook-cert-key")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "File of its key in that directory.",
        DefaultValueFactory = _ => "tls.key",
    };

    private readonly Option<string> _secret = new("--webhook-cert-secret-name")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Secret in OPERATOR_NAMESPACE for the certificate that the operator makes.",
        DefaultValueFactory = _ => Defaults.SecretName,
    };

    private readonly Option<string> _service = new("--webhook-service-name")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Service in OPERATOR_NAMESPACE by which API servers reach the webhooks.",
        DefaultValueFactory = _ => Defaults.ServiceName,
    };

    private readonly Option<string> _configuration = new("--webhook-configuration-name")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "ValidatingWebhookConfiguration whose caBundle the operator keeps current.",
        DefaultValueFactory = _ => Defaults.ConfigurationName,
    };

    private readonly Option<bool> _local = new("--webhook-local-url")
    {
        Description = "For an operator on the API server's own machine: lead the configuration to this process in place of the Service.",
    };

    /// <summary>The command, with the flags.</summary>
    public RootCommand AddedTo(RootCommand command)
    {
        foreach (var flag in All())
        {
            command.Add(flag);
        }

        return command;
    }

    /// <summary>What the flags say.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="inPod">Whether the process runs in a pod, where others can reach it.</param>
    public AdmissionOptions Read(ParseResult arguments, bool inPod)
    {
        var wanted = inPod || All().Any(flag => arguments.GetResult(flag) is { Implicit: false });
        return new()
        {
            BindAddress = arguments.GetValue(_address) is { Length: > 0 } address ? address : wanted ? DefaultAddress : Defaults.BindAddress,
            Certificate = arguments.GetValue(_directory) is { Length: > 0 } directory
                ? new() { Directory = directory, CertificateFile = Given(_certificate, "tls.crt"), KeyFile = Given(_key, "tls.key") }
                : null,
            SecretName = Given(_secret, Defaults.SecretName),
            ServiceName = Given(_service, Defaults.ServiceName),
            ConfigurationName = Given(_configuration, Defaults.ConfigurationName),
            UseLocalUrl = arguments.GetValue(_local),
        };

        // The Go operator's charts write these flags with empty values.
        string Given(Option<string> flag, string otherwise) => arguments.GetValue(flag) is { Length: > 0 } name ? name : otherwise;
    }

    private IEnumerable<Option> All() => [_address, _directory, _certificate, _key, _secret, _service, _configuration, _local];
}
