using System.CommandLine;
using Capstan.Tool;
using Capstan.Tool.Cel;
using Capstan.Tool.Local;
using Capstan.Tool.Manifests;

var local = LocalCommand.Create();
var cel = CelCommand.Create();
var manifests = ManifestsCommand.Create();
var root = new RootCommand("Capstan runs Kubernetes operators. This tool runs them on one machine, without a cluster, tries expressions and writes manifests.") { local, cel, manifests };
HelpWithExamples.Install(root, new Dictionary<Command, string> { [local] = LocalCommand.Examples, [cel] = CelCommand.Examples, [manifests] = ManifestsCommand.Examples });

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
{
    var command = parsed.CommandResult.Command == root ? "capstan" : $"capstan {parsed.CommandResult.Command.Name}";
    var fault = parsed.UnmatchedTokens.Count > 0 ? $"unknown command or option '{parsed.UnmatchedTokens[0]}'" : parsed.Errors[0].Message;
    Console.Error.WriteLine($"capstan: {fault.ReplaceLineEndings(" ").TrimEnd('.')} (see '{command} --help')");
    return ExitCodes.Usage;
}

try
{
    // Signals are ours to handle: everything stops in order, and the exit code says that it did.
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (CannotRunException cause)
{
    await Console.Error.WriteLineAsync($"capstan: {cause.Message}");
    return ExitCodes.CannotRun;
}
