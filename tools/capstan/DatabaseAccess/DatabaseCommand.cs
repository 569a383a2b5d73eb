using System.CommandLine;

namespace Capstan.Tool.DatabaseAccess;

/// <summary>The group <c>capstan db</c>: what people do with Databases beside kubectl.</summary>
internal static class DatabaseCommand
{
    /// <summary>Builds the group.</summary>
    /// <param name="examples">Gets commands to copy.</param>
    public static Command Create(IDictionary<Command, string> examples)
    {
        var connect = ConnectCommand.Create();
        var group = new Command("db", "Work with Databases.") { connect };
        examples[connect] = examples[group] = ConnectCommand.Examples;
        return group;
    }
}
