using System.CommandLine;
using Capstan.Tool.Local.Operators;

namespace Capstan.Tool.Doctor;

/// <summary>The command line of <c>capstan doctor</c>.</summary>
internal static class DoctorCommand
{
    /// <summary>Commands to copy.</summary>
    public const string Examples = """
          capstan doctor
              looks at both operators in the context's cluster: what is missing, what is wrong, and what to do about it
          capstan doctor --operators kubetemplater --kubeconfig FILE -o json
              one operator, for programs

        It reads, asks the API server what the operators' accounts may do (SubjectAccessReview), and asks it to pretend that it stores an object of each
        kind (dry run), which leads through the webhooks as a real request would. It changes nothing. Who runs it should be an administrator: what it may not
        see, it says.
        Looked at: the API server's version and features; the CustomResourceDefinitions; the Deployment, its restarts and its Lease; each right that the
        operator needs; webhook configurations, their certificate authority, the Service behind them and whether they answer; the memory that the
        objects in this cluster will take, against the limit; objects and namespaces that wait for a finalizer.
        Exit code: 0 no problem (there may be warnings); 1 problems, or the cluster cannot be reached; 2 the command line is wrong.

        """;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var cluster = new ClusterArguments();
        var operators = new Option<string>("--operators") { Description = "Which, with commas between. Default: those that are installed.", HelpName = "NAMES" };
        var output = new Option<string>("--output", "-o") { Description = "text or json.", HelpName = "text|json", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("doctor", "Look for what is wrong with the operators in a cluster, and say what to do about it.") { operators, output };
        cluster.AddServerTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(operators) is { Implicit: false } && Named(result.GetValue(operators)) is null)
            {
                result.AddError($"--operators: '{result.GetValue(operators)}' is none of {string.Join(", ", LocalOperator.All.Select(known => known.Name))}");
            }
        });
        command.SetAction((parsed, _) => cluster.UseAsync(parsed, async (client, _, stop) =>
        {
            var report = new DiagnosisReport(parsed.InvocationConfiguration.Output, parsed.GetValue(output) == "json");
            await foreach (var found in new Examination(client).RunAsync(Named(parsed.GetValue(operators)), stop))
            {
                report.Add(found);
            }

            report.End();
            return report.Problems == 0 ? ExitCodes.Done : ExitCodes.CannotRun;
        }));
        return command;
    }

    private static LocalOperator[]? Named(string? names)
    {
        var wanted = names?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        var found = LocalOperator.All.Where(known => wanted.Contains(known.Name)).ToArray();
        return found.Length > 0 && found.Length == wanted.Distinct().Count() ? found : null;
    }
}
