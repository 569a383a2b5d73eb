using System.CommandLine;

namespace Capstan.Tool.Templates;

/// <summary>The command line of <c>capstan template tree</c>.</summary>
internal static class TreeCommand
{
    /// <summary>Commands to copy.</summary>
    public const string Examples = """
          capstan template tree shop -n blue
              the objects of one template: what the operator says of each, whether it is ready, its age, and what others changed in it
          capstan template tree -A
              all templates of all namespaces; without -A and name, those of the namespace
          capstan template tree shop -n blue -o json
              the same for programs

        READY is what waitFor: Ready goes by: the object's own status, as its controller writes it; what has none is ready when it is there.
        DRIFT names the fields that the template gives and somebody else has taken since, and who; it is read from the object's managedFields and
        writes nothing. STATE is the operator's word, unless the object is Missing, Terminating, or another one than was applied (Recreated);
        Pending is not applied yet, and Left what an earlier version of the template made.
        Exit code: 0 shown; 1 the cluster cannot be reached, or there is no such template; 2 the command line is wrong.

        """;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var cluster = new ClusterArguments("templates");
        var name = new Argument<string?>("NAME") { Description = "Name of a KubeTemplate. Default: all of the namespace.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all-namespaces", "-A") { Description = "The templates of all namespaces." };
        var output = new Option<string>("--output", "-o") { Description = "tree or json.", HelpName = "tree|json", DefaultValueFactory = _ => "tree" };
        output.AcceptOnlyFromAmong("tree", "json");
        var command = new Command("tree", "Show what a KubeTemplate made, and the state of each object.") { name, all, output };
        cluster.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) && (result.GetValue(name) is not null || result.GetValue(cluster.Namespace) is not null))
            {
                result.AddError("-A shows all templates: it goes with no name and no namespace");
            }
        });
        command.SetAction((parsed, _) => cluster.UseAsync(parsed, async (client, @namespace, stop) =>
        {
            var templates = new TemplateReading(client).ReadAsync(parsed.GetValue(all) ? null : @namespace, parsed.GetValue(name), stop);
            if (parsed.GetValue(output) == "json")
            {
                await TreeJson.WriteAsync(templates, parsed.InvocationConfiguration.Output);
            }
            else
            {
                await new TreeText(parsed.InvocationConfiguration.Output, client.Options.TimeProvider).WriteAsync(templates);
            }

            return ExitCodes.Done;
        }));
        return command;
    }
}
