using System.Text.Json.Nodes;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node;
using Capstan.Cluster.Node.Events;
using Capstan.Cluster.Node.Pods;
using Capstan.Cluster.Node.Simulation;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Node;

/// <summary>One pod whose containers do what nobody thought of.</summary>
public sealed class PodWorkerTests : IDisposable
{
    private static readonly ObjectKey Key = new("default", "web");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-worker-test-");
    private readonly LogReading _log = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _directory.Delete(recursive: true);
        _log.Dispose();
    }

    [Fact]
    public async Task A_pod_that_cannot_be_run_on_says_so_and_runs_again()
    {
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Controllers = false }, Stop);
        await RunAsync(cluster, async (worker, engine) =>
        {
            await SeeAsync(cluster, "to be ready", pod => NodeFixture.Condition(pod, "Ready") == "True");

            // Its container ends, and what is left of it cannot be taken away.
            engine.FailingEnds = 1;
            worker.Record.Containers[0].Run!.Kill();
            var again = await SeeAsync(cluster, "to run again", pod => (int)NodeFixture.Container(pod, "web")["restartCount"]! == 1 && NodeFixture.Condition(pod, "Ready") == "True");
            Assert.Equal(137, (int)NodeFixture.Container(again, "web")["lastState"]!["terminated"]!["exitCode"]!);
            Assert.Contains("Error: Pod default/web: what was done for it failed; it is tried again in 00:00:01 its directory is somebody else's", _log.Lines);
            await SeeEventAsync(cluster, "FailedSync", "error syncing pod, skipping: its directory is somebody else's");
        });
    }

    [Fact]
    public async Task A_container_that_cannot_be_watched_is_ended_and_started_again()
    {
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Controllers = false }, Stop);
        await RunAsync(cluster, failingWatches: 1, run: async (_, engine) =>
        {
            await SeeAsync(cluster, "to run again", pod => (int)NodeFixture.Container(pod, "web")["restartCount"]! == 1 && NodeFixture.Condition(pod, "Ready") == "True");
            Assert.True(engine.FailingWatches < 0);
            Assert.Contains("Error: Pod default/web, container web: watching it failed; it is ended, and started again as its pod's policy says it cannot be watched", _log.Lines);
            await SeeEventAsync(cluster, "FailedSync", "error syncing pod, skipping: it cannot be watched");
        });
    }

    [Fact]
    public async Task A_pod_that_cannot_be_run_on_still_ends_when_it_is_deleted()
    {
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Controllers = false }, Stop);
        await RunAsync(cluster, async (worker, engine) =>
        {
            await SeeAsync(cluster, "to be ready", pod => NodeFixture.Condition(pod, "Ready") == "True");
            engine.FailingEnds = int.MaxValue;
            await cluster.Client.DeleteAsync(Pod.Resource, Key, new DeleteOptions { GracePeriodSeconds = 1 }, Stop);
            worker.Update((await cluster.Client.GetAsync(Pod.Resource, Key, Stop)).To<Pod>());
            await Eventually.SeeAsync("the pod to go", stop => cluster.Client.FindAsync(Pod.Resource, Key, stop), pod => pod is null, cancellationToken: Stop);

            // As a watch would tell.
            worker.Remove();
            await worker.Ended.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        });
    }

    private async Task RunAsync(TestCluster cluster, Func<PodWorker, FailingEngine, Task> run, int failingWatches = 0)
    {
        await cluster.InstallAsync($"{{apiVersion: v1, kind: Pod, metadata: {{name: web}}, spec: {{nodeName: {NodeObject.Name}, containers: [{{name: web, image: 'web:1'}}]}}}}", Stop);
        using var eventsStop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var events = new ClusterEvents(cluster.Client);
        var writing = events.RunAsync(eventsStop.Token);
        var directories = new PodDirectories(_directory.FullName);
        var engine = new FailingEngine(new SimulatedEngine(directories, TimeProvider.System)) { FailingWatches = failingWatches };
        var parts = new NodeParts(cluster.Client, engine, new PodEvents(events, "kubelet", NodeObject.Name), directories, new AddressPool(new Random(1)), TimeSpan.FromSeconds(1), _log);
        var worker = new PodWorker((await cluster.Client.GetAsync(Pod.Resource, Key, Stop)).To<Pod>(), parts);
        await run(worker, engine);
        engine.FailingEnds = 0;
        worker.StopWithNode();
        await worker.Ended.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        await eventsStop.CancelAsync();
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task<JsonObject> SeeAsync(TestCluster cluster, string what, Func<JsonObject, bool> holds) =>
        (await Eventually.SeeAsync($"the pod {what}", async stop => (await cluster.Client.GetAsync(Pod.Resource, Key, stop)).ToJson(), holds, cancellationToken: Stop))!;

    private static Task SeeEventAsync(TestCluster cluster, string reason, string message) => Eventually.SeeAsync(
        $"event {reason}",
        async stop => (await cluster.Client.ListAsync(NodeFixture.Events, new ListOptions { Namespace = Key.Namespace }, stop)).Items
            .Select(found => found.ToJson()).Select(found => $"{(string?)found["reason"]}: {(string?)found["message"]}").ToList(),
        found => found.Contains($"{reason}: {message}"),
        cancellationToken: Stop);
}
