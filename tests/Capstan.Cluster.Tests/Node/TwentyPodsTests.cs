using System.Net;
using System.Net.NetworkInformation;
using Capstan.Cluster.Node.Processes;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Node;

/// <summary>Twenty pods that listen: started, killed, started again and deleted. By itself: it counts what this process holds open.</summary>
[Collection(Alone.Name)]
public sealed class TwentyPodsTests : IDisposable
{
    private const int Port = 7070;
    private const string Listen = "use Socket; socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(7070, inet_aton($ENV{CAPSTAN_POD_IP}))) or die; listen(S, 5); sleep 1000";

    private readonly ShellNode _shell = new();
    private readonly HashSet<ProcessFamily> _families = [];
    private readonly HashSet<IPAddress> _addresses = [];

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Twenty_pods_are_started_killed_and_restarted_without_a_leaked_process_port_file_or_descriptor()
    {
        if (RequiredProgram.Find("perl").SkipReason is { } reason)
        {
            Assert.Skip(reason);
        }

        await using var node = await NodeFixture.StartAsync(_shell.Options);
        await CycleAsync(node, "warm", count: 2);
        var (files, descriptors) = (Files(), Descriptors());
        await CycleAsync(node, "p", count: 20);
        Assert.Equal(44, _families.Count(family => family.Variable == ProcessFamily.OfContainer));
        await Eventually.SeeAsync(
            "nothing to be left",
            _ => Task.FromResult((Processes: Living(), Ports: Listening().Count, Files: Files(), Descriptors: Descriptors())),
            left => left.Processes == 0 && left.Ports == 0 && left.Files <= files && left.Descriptors <= descriptors,
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty(new ProcessLedger(_shell.State).Read());
    }

    private async Task CycleAsync(NodeFixture node, string prefix, int count)
    {
        var names = Enumerable.Range(0, count).Select(i => $"{prefix}{i}").ToList();
        await Task.WhenAll(names.Select(name => node.RunAsync(
            name,
            $"{{terminationGracePeriodSeconds: 1, containers: [{{name: main, image: shell, command: [/bin/sh, -c, 'sleep 1000 & exec perl -e \"$0\"', '{Listen}'], readinessProbe: {{tcpSocket: {{port: {Port}}}, periodSeconds: 1}}}}]}}")));
        foreach (var name in names)
        {
            _addresses.Add(IPAddress.Parse((string)(await node.SeeReadyAsync(name))["status"]!["podIP"]!));
        }

        var first = Note().Where(family => family.Variable == ProcessFamily.OfContainer).ToList();
        Assert.Equal((count, count), (first.Count, Listening().Count));
        first.ForEach(family => Posix.Signal(family.ProcessId, Posix.Kill));
        foreach (var name in names)
        {
            var pod = await node.SeeAsync(name, "to run again", found => (int)NodeFixture.Container(found, "main")["restartCount"]! == 1 && NodeFixture.Condition(found, "Ready") == "True");
            Assert.Equal(137, (int)NodeFixture.Container(pod, "main")["lastState"]!["terminated"]!["exitCode"]!);
        }

        Note();
        await Task.WhenAll(names.Select(name => node.DeleteAsync(name)));
        foreach (var name in names)
        {
            await node.SeeGoneAsync(name);
        }
    }

    private IReadOnlyList<ProcessFamily> Note()
    {
        var now = new ProcessLedger(_shell.State).Read();
        _families.UnionWith(now);
        return now;
    }

    private int Living()
    {
        var now = ProcessSnapshot.Take();
        return _families.Sum(family => family.Members(now).Count);
    }

    private List<IPEndPoint> Listening() => [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(listener => _addresses.Contains(listener.Address))];

    private int Files() => Directory.EnumerateFileSystemEntries(_shell.State, "*", SearchOption.AllDirectories).Count();

    /// <summary>Pipes, terminals and the pods' files; what else this process has open is not of pods.</summary>
    private int Descriptors() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(path =>
    {
        try
        {
            return new FileInfo(path).LinkTarget is { } target && (target.StartsWith("pipe:", StringComparison.Ordinal) || target == "/dev/ptmx" || target.StartsWith(_shell.State, StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    });
}

/// <summary>Tests that nothing else runs beside.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
