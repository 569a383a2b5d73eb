using System.CommandLine;

namespace Capstan.Tool.Templates;

/// <summary>The group <c>capstan template</c>: what people ask about KubeTemplates, before and after they are applied.</summary>
internal static class TemplateCommand
{
    /// <summary>Builds the group. Each of its commands comes with commands to copy, which its help and the group's end with.</summary>
    /// <param name="examples">Gets the examples.</param>
    public static Command Create(IDictionary<Command, string> examples)
    {
        (Command Command, string Examples)[] commands =
            [(ValidateCommand.Create(), ValidateCommand.Examples), (DiffCommand.Create(), DiffCommand.Examples), (TreeCommand.Create(), TreeCommand.Examples)];
        var group = new Command("template", "Look into KubeTemplates: whether their policies allow them, what they would change, and what they made.");
        foreach (var (command, text) in commands)
        {
            group.Add(command);
            examples[command] = text;
        }

        examples[group] = string.Join('\n', commands.Select(command => command.Examples));
        return group;
    }
}
