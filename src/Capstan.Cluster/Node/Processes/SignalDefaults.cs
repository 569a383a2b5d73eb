using System.ComponentModel;
using System.Diagnostics;

namespace Capstan.Cluster.Node.Processes;

/// <summary>Lets a program begin with no signal ignored, as in a container.</summary>
/// <remarks>What is ignored is inherited: SIGPIPE, which .NET ignores, and SIGINT where <c>capstan local</c> was started in the background of a script. A shell cannot even trap that, and
/// PostgreSQL's pods, whose signal to stop it is, would end at the end of their grace only.</remarks>
internal static class SignalDefaults
{
    private static readonly Lazy<string[]> Command = new(Find);

    /// <summary>What stands before the program; nothing where the machine's <c>env</c> is not GNU's.</summary>
    public static IReadOnlyList<string> Prefix => Command.Value;

    private static string[] Find()
    {
        string[] command = ["/usr/bin/env", "--default-signal"];
        try
        {
            using var tried = Process.Start(new ProcessStartInfo(command[0], [.. command[1..], "true"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            tried.WaitForExit();
            return tried.ExitCode == 0 ? command : [];
        }
        catch (Win32Exception)
        {
            return [];
        }
    }
}
