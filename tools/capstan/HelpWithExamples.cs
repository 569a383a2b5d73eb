using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Capstan.Tool;

/// <summary>Help that ends with examples to copy: those of the command that was asked about, or of all commands.</summary>
internal sealed class HelpWithExamples(HelpAction help, IReadOnlyDictionary<Command, string> examples) : SynchronousCommandLineAction
{
    /// <summary>Puts <paramref name="examples"/> under the help of <paramref name="root"/> and of its commands.</summary>
    public static void Install(RootCommand root, IReadOnlyDictionary<Command, string> examples)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!, examples);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        var asked = parseResult.CommandResult.Command;
        var shown = examples.TryGetValue(asked, out var own) ? own : string.Join('\n', asked.Subcommands.Select(command => examples[command]));
        parseResult.InvocationConfiguration.Output.WriteLine($"Examples:\n{shown}");
        return ExitCodes.Done;
    }
}
