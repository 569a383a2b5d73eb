using System.CommandLine;

namespace Capstan.Tool.Templates;

/// <summary>The command line of <c>capstan template validate</c>.</summary>
internal static class ValidateCommand
{
    /// <summary>Commands to copy.</summary>
    public const string Examples = """
          capstan template validate -f templates/ --policy policies/
              holds every KubeTemplate below templates/ to the KubeTemplatePolicy of its namespace, as the operator's webhook would; no cluster is asked
          helm template shop | capstan template validate -f - --policy policies/blue.yaml -n blue
              from standard input; templates that name no namespace are of blue
          capstan template validate -f all.yaml -o json
              templates and policies in one file, told for programs
          capstan template validate -f shop.yaml -f crds/ -f namespaces.yaml --policy policies/
              definitions tell which kinds have a namespace, Namespaces their labels; Kubernetes' own kinds are known

        Each finding is a line: FILE:LINE:COLUMN: error: KubeTemplate blue/shop: template[1] ConfigMap blue/web: ...
        Policies are judged too: expressions, patterns and paths that cannot be read, a second policy for one namespace.
        Exit code: 0 all would be accepted (there may be warnings); 1 something would be refused, or a file cannot be read; 2 the command line is wrong.

        """;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var files = new Option<string[]>("--filename", "-f")
        {
            Description = "Files and directories (with those below) of templates and of what they need; - is standard input. May be given more than once.",
            HelpName = "FILE|DIR|-",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var policies = new Option<string[]>("--policy", "-p")
        {
            Description = "Files and directories of KubeTemplatePolicies. They may be among those of -f too.",
            HelpName = "FILE|DIR|-",
            AllowMultipleArgumentsPerToken = true,
        };
        var @namespace = new Option<string>("--namespace", "-n") { Description = "Namespace of templates that name none.", HelpName = "NAMESPACE", DefaultValueFactory = _ => "default" };
        var operatorNamespace = new Option<string>("--operator-namespace")
        {
            Description = "Namespace whose policies count, and of those that name none.",
            HelpName = "NAMESPACE",
            DefaultValueFactory = _ => KubeTemplater.Manifests.Namespace,
        };
        var namespaced = new Option<string[]>("--namespaced") { Description = "A kind that has a namespace, for example Shop.example.com. May be given more than once.", HelpName = "KIND.GROUP" };
        var clusterScoped = new Option<string[]>("--cluster-scoped") { Description = "A kind that has none.", HelpName = "KIND.GROUP" };
        var output = new Option<string>("--output", "-o") { Description = "text or json.", HelpName = "text|json", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("validate", "Hold KubeTemplates in files to their policies, without a cluster: for CI.") { files, policies, @namespace, operatorNamespace, namespaced, clusterScoped, output };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(files) ?? []).Concat(result.GetValue(policies) ?? []).Count(path => path == ManifestFiles.StandardInput) > 1)
            {
                result.AddError("standard input can be read once: one - only");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var manifests = ManifestFiles.Read([.. parsed.GetValue(files)!, .. parsed.GetValue(policies) ?? []], Console.OpenStandardInput);
            var kinds = new KnownKinds(manifests, parsed.GetValue(namespaced) ?? [], parsed.GetValue(clusterScoped) ?? []);
            var findings = await new OfflineValidation(parsed.GetValue(operatorNamespace)!, parsed.GetValue(@namespace)!, kinds).ValidateAsync(manifests, cancellationToken);
            if (findings is { Templates: 0, Policies: 0, Errors: 0 })
            {
                throw new CannotRunException("there is no KubeTemplate and no KubeTemplatePolicy in these files");
            }

            (parsed.GetValue(output) == "json" ? (Action<Findings, TextWriter>)FindingsText.WriteJson : FindingsText.Write)(findings, parsed.InvocationConfiguration.Output);
            return findings.Errors == 0 ? ExitCodes.Done : ExitCodes.CannotRun;
        });
        return command;
    }
}
