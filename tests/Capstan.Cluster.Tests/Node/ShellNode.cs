using System.Text;
using Capstan.Cluster.Node;
using Capstan.Cluster.Node.Containers;

namespace Capstan.Cluster.Tests.Node;

/// <summary>Options and readings of nodes whose pods are shells of this machine, in a directory of its own.</summary>
internal sealed class ShellNode : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-node-test-");

    public ShellNode()
    {
        Open(_directory);
        var images = Place("images.json");
        File.WriteAllText(images, """{"images": [{"image": "shell", "command": ["/bin/sh", "-c", "exec sleep 1000"], "directories": ["/data"]}]}""");
        Options = new() { StateDirectory = Place("state"), ImagesFile = images };
    }

    public LocalNodeOptions Options { get; }

    public string State => Options.StateDirectory!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Lets other users pass, whom programs of pods run as: else a node of root would put its things elsewhere.</summary>
    public static void Open(DirectoryInfo directory)
    {
        if (!OperatingSystem.IsWindows())
        {
            directory.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        }
    }

    /// <summary>A path in the test's own directory.</summary>
    public string Place(string name) => Path.Combine(_directory.FullName, name);

    /// <summary>Lines that the first run of a container wrote.</summary>
    public string[] LogOf(string podUid, string container, int restartCount = 0) =>
        [.. File.ReadAllLines(new PodDirectories(State).LogFile(podUid, container, restartCount)).Select(line => line.Split(' ', 4)[3])];

    /// <summary>What runs as a container of a pod in namespace shop.</summary>
    public static IContainerRun RunOf(NodeFixture node, string pod, string container = "main") => node.Node.Pods.Find(new("shop", pod))!.Find(container)!.Run!;

    /// <summary>Runs a script beside a container, and gives what it wrote.</summary>
    public static async Task<string> DoAsync(NodeFixture node, string pod, string script, string container = "main")
    {
        await using var session = await RunOf(node, pod, container).ExecAsync(["/bin/sh", "-c", script + " 2>&1"], tty: false, Stop);
        var text = await ReadAsync(session.Output);
        Assert.True(await session.Ended == 0, text);
        return text;
    }

    /// <summary>Everything up to the end of a stream.</summary>
    public static async Task<string> ReadAsync(Stream stream)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        int read;
        while ((read = await stream.ReadAsync(buffer, Stop)) > 0)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
