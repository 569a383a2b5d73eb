using Capstan.Cluster.Node;
using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Tests.Node;

/// <summary>What is left of pods when their node ends, and what the next one finds.</summary>
public sealed class LeftoverTests : IDisposable
{
    private readonly ShellNode _shell = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Usage_of_all_pods_looks_at_the_machine_once()
    {
        await using var node = await NodeFixture.StartAsync(_shell.Options);
        var names = Enumerable.Range(0, 10).Select(i => $"u{i}").ToList();
        await Task.WhenAll(names.Select(name => node.RunAsync(name, "{terminationGracePeriodSeconds: 1, containers: [{name: main, image: shell}, {name: other, image: shell}]}")));
        foreach (var name in names)
        {
            await node.SeeReadyAsync(name);
        }

        var processes = ProcessSnapshot.Take();
        var usages = Capstan.Cluster.Node.Serving.ContainerUsages.Of(node.Node.Pods, processes);
        Assert.Equal(20, usages.Count);
        Assert.All(usages, usage => Assert.True(usage.Usage.MemoryBytes > 0, usage.Container));

        // Read is what may be of a family that cannot tell it by its session, once whoever asks: nothing that is older than all of them, and not the first of all,
        // unless another began in the same tick.
        var families = new ProcessLedger(_shell.State).Read();
        Assert.Equal(20, families.Count);
        var read = processes.Entries.Count(entry => families.Any(family => entry.StartedAt >= family.StartedAt && entry.Session != family.ProcessId));
        Assert.InRange(read, 19, processes.Entries.Count - 1);
        Assert.Equal(read, processes.EnvironmentReads);
        Capstan.Cluster.Node.Serving.ContainerUsages.Of(node.Node.Pods, processes);
        Assert.Equal(read, processes.EnvironmentReads);
    }

    [Fact]
    public async Task Those_who_wait_for_the_end_of_processes_at_the_same_time_share_a_look_at_the_machine()
    {
        var watch = new ProcessWatch();
        var looks = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => watch.NextAsync()));
        Assert.InRange(watch.Taken, 1, 50);
        Assert.Equal(watch.Taken, looks.Distinct().Count());
        var fresh = await watch.NextAsync();
        Assert.DoesNotContain(fresh, looks);
    }

    [Fact]
    public async Task Directories_of_pods_that_were_deleted_while_no_node_was_there_go_and_nothing_else_does()
    {
        await using var node = await NodeFixture.StartAsync(_shell.Options);
        await node.RunAsync("gone", "{terminationGracePeriodSeconds: 1, containers: [{name: main, image: shell}]}");
        await node.RunAsync("stays", "{terminationGracePeriodSeconds: 1, containers: [{name: main, image: shell}]}");
        var gone = (string)(await node.SeeReadyAsync("gone"))["metadata"]!["uid"]!;
        var stays = (string)(await node.SeeReadyAsync("stays"))["metadata"]!["uid"]!;
        await node.Node.DisposeAsync();
        await node.DeleteAsync("gone", grace: 0);
        var others = Directory.CreateDirectory(Path.Combine(_shell.State, "pods", "my-notes")).FullName;
        await node.RestartNodeAsync(_shell.Options);
        Assert.Equal([stays], new PodDirectories(_shell.State).Pods());
        Assert.True(Directory.Exists(others), others);
        Assert.NotEqual(gone, stays);
    }

    [Fact]
    public void Sockets_of_a_killed_node_go_at_the_next_start_and_those_of_others_stay()
    {
        var killed = SocketDirectories.Create(_shell.Place("a")).Root;
        using var other = SocketDirectories.Create(_shell.Place("b"));
        Directory.CreateDirectory(Path.Combine(killed, "x"));
        using (var next = SocketDirectories.Create(_shell.Place("a")))
        {
            Assert.False(Directory.Exists(killed), killed);
            Assert.True(Directory.Exists(other.Root) && Directory.Exists(next.Root));
        }

        // A record that names what it does not own.
        var victim = Directory.CreateDirectory(_shell.Place("victim")).FullName;
        File.WriteAllText(Path.Combine(_shell.Place("a"), "sockets"), victim);
        SocketDirectories.Sweep(_shell.Place("a"));
        Assert.True(Directory.Exists(victim));
        var link = _shell.Place("link");
        Directory.CreateSymbolicLink(link, other.Root);
        File.WriteAllText(Path.Combine(_shell.Place("b"), "sockets"), link);
        SocketDirectories.Sweep(_shell.Place("b"));
        Assert.True(Directory.Exists(other.Root));
    }

    [Fact]
    public async Task A_node_whose_cluster_is_gone_with_it_leaves_no_pods_and_no_volumes()
    {
        var options = _shell.Options with { KeepState = false };
        await using (var node = await NodeFixture.StartAsync(options))
        {
            await RunWithClaimAsync(node);
            Assert.Single(Directory.GetDirectories(Path.Combine(_shell.State, "volumes")));
        }

        Assert.Empty(new PodDirectories(_shell.State).Pods());
        Assert.False(Directory.Exists(Path.Combine(_shell.State, "volumes")));
    }

    [Fact]
    public async Task What_a_pod_wrote_into_a_claim_is_there_after_a_restart_of_the_node_which_was_not_ready_meanwhile()
    {
        await using var node = await NodeFixture.StartAsync(_shell.Options);
        await RunWithClaimAsync(node);
        Assert.Equal("True", await ReadyAsync(node));
        await ShellNode.DoAsync(node, "keeper", "echo kept > /store/file; echo lost > /tmp/file");
        await node.Node.DisposeAsync();
        Assert.Equal("False", await ReadyAsync(node));
        Assert.Equal("False", NodeFixture.Condition(await node.SeeAsync("keeper", "to be there", _ => true), "Ready"));
        await node.RestartNodeAsync(_shell.Options);
        await node.SeeAsync("keeper", "to come back", found => (int)NodeFixture.Container(found, "main")["restartCount"]! == 1 && NodeFixture.Condition(found, "Ready") == "True");
        Assert.Equal("kept\n", await ShellNode.DoAsync(node, "keeper", "cat /store/file"));
        Assert.Equal("True", await ReadyAsync(node));
    }

    private static async Task RunWithClaimAsync(NodeFixture node)
    {
        await node.ApplyAsync("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: store, namespace: shop}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}");
        await node.RunAsync("keeper", "{terminationGracePeriodSeconds: 1, containers: [{name: main, image: shell, volumeMounts: [{name: s, mountPath: /store}]}], volumes: [{name: s, persistentVolumeClaim: {claimName: store}}]}");
        await node.SeeReadyAsync("keeper");
    }

    private static async Task<string?> ReadyAsync(NodeFixture node) =>
        NodeFixture.Condition((await node.Client.GetAsync(new ResourceType("", "v1", "Node", "nodes", Namespaced: false), ObjectKey.ClusterScoped("capstan-local"), Stop)).ToJson(), "Ready");
}
