using System.CommandLine;

namespace Capstan.Tool.Manifests;

/// <summary>The command line of <c>capstan manifests</c>.</summary>
internal static class ManifestsCommand
{
    /// <summary>Commands to copy.</summary>
    public const string Examples = """
          capstan manifests bin/Release/net10.0/shop.dll
              writes deploy/crds/<group>_<plural>.yaml for each kind, and deploy/role.yaml
          capstan manifests bin/Release/net10.0/shop.dll --output config --name shop-operator --namespace shop-operator-system
              names the roles and the operator's own namespace
          capstan manifests bin/Release/net10.0/shop.dll --check
              for CI: writes nothing; exit code 1 and the file's name when a file differs from the types

        A kind is a record that derives from KubeObject and implements IKubeObject. Fields come from its JSON contract; what is required, from what
        cannot be null; descriptions, from the XML comments; bounds, defaults, patterns, list types and CEL rules, from [Schema], [ItemSchema] and
        [CelRule]; columns, selectable fields, scale and short names from [PrinterColumn], [SelectableField], [Scale] and [CustomResource]. Rights are
        what [Rbac] says on any class.

        """;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var assembly = new Argument<string>("ASSEMBLY") { Description = "The operator's built .dll. Its .xml beside it gives the descriptions." };
        var output = new Option<string>("--output", "-o") { Description = "Directory to write to.", HelpName = "DIR", DefaultValueFactory = _ => "deploy" };
        var name = new Option<string?>("--name") { Description = "Name of the roles. Default: the assembly's, in lower case.", HelpName = "NAME" };
        var @namespace = new Option<string?>("--namespace") { Description = "The operator's own namespace. Default: the name and -system.", HelpName = "NAMESPACE" };
        var check = new Option<bool>("--check") { Description = "Write nothing; fail when a file differs." };
        var command = new Command("manifests", "Write CustomResourceDefinitions and roles from an operator's C# types.") { assembly, output, name, @namespace, check };
        command.SetAction(parsed => ManifestsRun.Run(
            new()
            {
                Assembly = parsed.GetValue(assembly)!,
                Output = parsed.GetValue(output)!,
                Name = parsed.GetValue(name),
                Namespace = parsed.GetValue(@namespace),
                Check = parsed.GetValue(check),
            },
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        return command;
    }
}
