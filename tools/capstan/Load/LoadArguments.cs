using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Capstan.Tool.Load.Reporting;
using Capstan.Tool.Load.Work;
using Spectre.Console;

namespace Capstan.Tool.Load;

/// <summary>The options that all kinds of load have, and how one is run with them.</summary>
internal sealed class LoadArguments
{
    private readonly ClusterArguments _cluster = new();
    private readonly Option<int> _namespaces = Whole("--namespaces", "Namespaces that the objects are spread over.", 4, 1, 200);
    private readonly Option<int> _clients = Whole("--clients", "Requests under way at once.", 16, 1, 500);
    private readonly Option<int> _timeout = Whole("--timeout", "Seconds in which nothing gets done, after which what is left counts as an error.", 120, 1, 86_400);
    private readonly Option<int> _idle = Whole("--idle", "Seconds to do nothing after the load, and tell what the operator does then.", 0, 0, 86_400);
    private readonly Option<bool> _yes = new("--yes") { Description = $"Load the cluster even if it is not marked ({LoadPermission.Label}={LoadPermission.Allowed} on namespace {LoadPermission.Namespace})." };
    private readonly Option<bool> _keep = new("--keep") { Description = "Leave what was made, to look at it." };
    private readonly Option<string> _output = new("--output", "-o") { Description = "text or json.", HelpName = "text|json", DefaultValueFactory = _ => "text" };
    private readonly Option<string[]> _urls = new("--metrics-url") { Description = "Metrics page of a replica that is no pod, for example http://127.0.0.1:8080/metrics; once for each replica.", HelpName = "URL", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _operatorNamespace;

    /// <summary>Gives them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="operatorNamespace">Where the operator usually is.</param>
    public LoadArguments(Command command, string operatorNamespace)
    {
        _operatorNamespace = new("--operator-namespace") { Description = "Namespace of the operator's pods and policies.", HelpName = "NAMESPACE", DefaultValueFactory = _ => operatorNamespace };
        _output.AcceptOnlyFromAmong("text", "json");
        _urls.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => !Uri.TryCreate(token.Value, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) is { } wrong)
            {
                result.AddError($"--metrics-url takes an http or https URL, not '{wrong.Value}'");
            }
        });
        foreach (var option in (Option[])[_namespaces, _clients, _timeout, _idle, _yes, _keep, _output, _operatorNamespace, _urls])
        {
            command.Add(option);
        }

        _cluster.AddServerTo(command);
    }

    /// <summary>An option that is a whole number.</summary>
    public static Option<int> Whole(string name, string description, int otherwise, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise };
        option.CustomParser = argument =>
        {
            var text = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            {
                return value;
            }

            argument.AddError($"{name} takes a number from {least} to {most}, not '{text}'");
            return otherwise;
        };
        return option;
    }

    /// <summary>An option that is a number of operations a second.</summary>
    public static Option<int> RateOption(int otherwise) => Whole("--rate", "Operations a second; 0: as fast as the clients can.", otherwise, 0, 100_000);

    /// <summary>Runs a load and writes its report.</summary>
    /// <returns>Whether it went without an error.</returns>
    public Task<int> RunAsync(ParseResult parsed, string load, Func<LoadOptions, LoadOptions> own, Func<LoadScene, CancellationToken, Task> work, bool needsPolicies = true) =>
        _cluster.UseAsync(parsed, async (client, _, stop) =>
        {
            var options = own(new()
            {
                Count = 0,
                Resources = 1,
                Namespaces = parsed.GetValue(_namespaces),
                Rate = 0,
                Clients = parsed.GetValue(_clients),
                Patience = TimeSpan.FromSeconds(parsed.GetValue(_timeout)),
                Idle = TimeSpan.FromSeconds(parsed.GetValue(_idle)),
                Yes = parsed.GetValue(_yes),
                Keep = parsed.GetValue(_keep),
                OperatorNamespace = parsed.GetValue(_operatorNamespace)!,
                MetricsUrls = parsed.GetValue(_urls) ?? [],
            });
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
            var report = await new LoadRun(client, options, new LoadProgress(console, client.Options.TimeProvider)).RunAsync(load, work, needsPolicies, stop);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(_output) == "json")
            {
                await output.WriteLineAsync(JsonSerializer.Serialize(report, LoadReportJson.Default.LoadReport));
            }
            else
            {
                LoadReportText.Write(report, output);
            }

            return report.Errors.Count == 0 ? ExitCodes.Done : ExitCodes.CannotRun;
        });
}
