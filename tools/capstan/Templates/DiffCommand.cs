using System.CommandLine;

namespace Capstan.Tool.Templates;

/// <summary>The command line of <c>capstan template diff</c>.</summary>
internal static class DiffCommand
{
    /// <summary>Commands to copy.</summary>
    public const string Examples = """
          capstan template diff -f shop.yaml -n blue
              what an apply of these KubeTemplates would change, object by object, as a unified diff of YAML; of a directory too, and of - (standard input)
          capstan template diff shop -n blue
              of a template in the cluster: what the operator would put right now

        The API server itself is asked, by a dry run of each apply, so defaults and normalised values are no differences. Nothing is written. Left out: status,
        managedFields, and the metadata that the server keeps; values of Secrets are masked. Rights: get and patch on the objects.
        Exit code: 0 no differences; 1 differences; 2 something could not be compared, or the command line is wrong (as kubectl diff).

        """;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var cluster = new ClusterArguments("templates");
        var name = new Argument<string?>("NAME") { Description = "Name of a KubeTemplate in the cluster.", Arity = ArgumentArity.ZeroOrOne };
        var files = new Option<string[]>("--filename", "-f") { Description = "KubeTemplates to compare: a file, a directory, or - for standard input. May be repeated.", HelpName = "FILE" };
        var command = new Command("diff", "Show what an apply of KubeTemplates would change in the cluster.") { name, files };
        cluster.AddTo(command);
        command.Validators.Add(result =>
        {
            if ((result.GetValue(name) is not null) == (result.GetValue(files) is { Length: > 0 }))
            {
                result.AddError("what to compare: a NAME, or -f FILE");
            }
        });
        command.SetAction(async (parsed, _) =>
        {
            try
            {
                return await cluster.UseAsync(parsed, (client, @namespace, stop) =>
                    new DiffRun(client, @namespace, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error)
                        .RunAsync(parsed.GetValue(name), parsed.GetValue(files) ?? [], stop));
            }
            catch (CannotRunException cause)
            {
                // 1 means differences here.
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"capstan: {cause.Message}");
                return ExitCodes.CannotCompare;
            }
        });
        return command;
    }
}
