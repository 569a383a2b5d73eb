using System.CommandLine;
using System.CommandLine.Parsing;
using Capstan.Tool;
using Capstan.Tool.Cel;
using Capstan.Tool.DatabaseAccess;
using Capstan.Tool.Doctor;
using Capstan.Tool.Load;
using Capstan.Tool.Local;
using Capstan.Tool.Manifests;
using Capstan.Tool.Templates;

var local = LocalCommand.Create();
var cel = CelCommand.Create();
var manifests = ManifestsCommand.Create();
var doctor = DoctorCommand.Create();
var examples = new Dictionary<Command, string> { [local] = LocalCommand.Examples, [cel] = CelCommand.Examples, [manifests] = ManifestsCommand.Examples, [doctor] = DoctorCommand.Examples };
var root = new RootCommand("Capstan runs Kubernetes operators. This tool runs them on one machine, without a cluster, loads clusters and measures how they bear it, looks into KubeTemplates, connects to Databases, looks for what is wrong with the operators in a cluster, tries expressions and writes manifests.")
{
    local, LoadCommand.Create(examples), TemplateCommand.Create(examples), DatabaseCommand.Create(examples), doctor, cel, manifests,
};
HelpWithExamples.Install(root, examples);

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
{
    var command = parsed.CommandResult.Command == root ? "capstan" : $"capstan {string.Join(' ', Words(parsed.CommandResult).Reverse())}";
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

IEnumerable<string> Words(CommandResult? result)
{
    for (; result is not null && result.Command != root; result = result.Parent as CommandResult)
    {
        yield return result.Command.Name;
    }
}
