using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Recordings.Tests.Recorded;

namespace Recordings.Tests.Replaying;

/// <summary>Command lines as a person types them, in a folder that holds the conversation's files. Disposing removes the folder.</summary>
internal sealed partial class CommandLines : IDisposable
{
    private const string ConfigName = ".kubeconfig";

    public CommandLines(Conversation conversation, Variables variables, string kubeconfig)
    {
        Folder = Directory.CreateTempSubdirectory("capstan-recording-").FullName;
        variables["folder"] = Folder;
        variables["kubeconfig"] = Path.Combine(Folder, ConfigName);
        File.WriteAllText(Path.Combine(Folder, ConfigName), kubeconfig);
        foreach (var (name, content) in variables.Fill(conversation.Files))
        {
            var path = Path.Combine(Folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, (string)content!);
        }
    }

    public string Folder { get; }

    /// <exception cref="StoppedException">It did not end in time.</exception>
    public async Task<JsonObject> RunAsync(string command, TimeSpan within, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("bash", ["-c", command])
        {
            WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in new[] { ("KUBECONFIG", Path.Combine(Folder, ConfigName)), ("KUBE_EDITOR", "true"), ("HOME", Folder), ("LC_ALL", "C"), ("COLUMNS", "200") })
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(within);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
            await Task.WhenAll(output, errors, process.WaitForExitAsync(deadline.Token));
            return new JsonObject { ["exit"] = process.ExitCode, ["out"] = Lines(await output), ["err"] = Lines(await errors) };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            throw new StoppedException($"not done in {within.TotalSeconds} s: {command}");
        }
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static JsonArray Lines(string text)
    {
        text = text.ReplaceLineEndings("\n").TrimEnd('\n');
        return text.Length == 0
            ? []
            : [.. WholeAge().Replace(text, "<age>").Split('\n').Select(line => JsonValue.Create(Gap().Replace(line.TrimEnd(), "  ")))];
    }

    [GeneratedRegex(@"(?<![\w.-])(\d+d)?(\d+h)?(\d+m)?(\d+s)(?![\w.-])")]
    private static partial Regex WholeAge();

    [GeneratedRegex(@"(?<=\S)  +")]
    private static partial Regex Gap();
}
