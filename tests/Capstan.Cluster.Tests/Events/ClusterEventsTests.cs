using System.Text.Json.Nodes;
using Capstan.Applying;
using Capstan.Cluster.Events;
using Capstan.Runtime.Tests;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Events;

public sealed class ClusterEventsTests
{
    private static readonly ResourceType EventsType = new("", "v1", "Event", "events", Namespaced: true);
    private static readonly ObjectReference Job = new() { ApiVersion = "batch/v1", Kind = "Job", Namespace = "default", Name = "import", Uid = "4f2e6a0c-0000-0000-0000-000000000001", ResourceVersion = "7" };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_happens_again_is_counted_in_one_event_of_its_component()
    {
        await using var cluster = await TestCluster.StartAsync(new() { Controllers = false }, Stop);
        await cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: default}}", Stop);
        var events = new ClusterEvents(cluster.Client);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var writing = events.RunAsync(end.Token);
        var (jobs, others) = (events.From("job-controller"), events.From("cronjob-controller"));
        jobs.Record(Job, "Normal", "SuccessfulCreate", "Created pod: import-1");
        jobs.Record(Job with { ResourceVersion = "8" }, "Normal", "SuccessfulCreate", "Created pod: import-1");
        others.Record(Job, "Warning", "Odd", new string('x', 2000));
        var seen = await Eventually.SeeAsync(
            "two events, one of them twice",
            async stop => (await cluster.Client.ListAsync(EventsType, new ListOptions { Namespace = "default" }, stop)).Items.Select(one => one.ToJson()).ToList(),
            list => list.Count == 2 && list.Any(one => (int)one["count"]! == 2),
            cancellationToken: Stop);
        var counted = seen.Single(one => (int)one["count"]! == 2);
        Assert.Equal("""{"component":"job-controller"}""", counted["source"]!.ToJsonString());
        Assert.Equal("Created pod: import-1", (string?)counted["message"]);
        Assert.Equal("7", (string?)counted["involvedObject"]!["resourceVersion"]);
        Assert.StartsWith("import.", (string?)counted["metadata"]!["name"], StringComparison.Ordinal);
        Assert.All((JsonArray)counted["metadata"]!["managedFields"]!, entry => Assert.Equal("kube-controller-manager", (string?)entry!["manager"]));
        var cut = (string)seen.Single(one => (int)one["count"]! == 1)["message"]!;
        Assert.Equal(1024, cut.Length);
        Assert.EndsWith("x ...", cut, StringComparison.Ordinal);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
    }

    [Fact]
    public void An_object_of_which_too_much_is_told_has_one_event_in_five_minutes()
    {
        var time = new ManualTime();
        var ledger = new EventLedger(time);
        EventEntry? Tell(int i) => ledger.Enter(new(Job, "job-controller", "kube-controller-manager", "Normal", "SuccessfulCreate", $"Created pod: import-{i}", time.GetUtcNow()));
        Assert.Equal(25, Enumerable.Range(0, 100).Count(i => Tell(i) is not null));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.NotNull(Tell(100));
        Assert.Null(Tell(101));
    }
}
