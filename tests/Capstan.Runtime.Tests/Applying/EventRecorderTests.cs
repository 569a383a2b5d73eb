using System.Text;
using System.Text.Json.Nodes;
using Capstan.Applying;
using Capstan.Runtime.Tests.Scripted;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Applying;

/// <summary>Trap 42: events that the server takes, and that hold nobody up.</summary>
public sealed class EventRecorderTests
{
    private readonly ManualTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Trap42_the_server_takes_events_of_any_object_and_counts_their_repetitions(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var events = new EventRecorder(server.Client, "test-controller", "replica-0", _time, NullLogger.Instance);
        var map = new ObjectReference { ApiVersion = "v1", Kind = "ConfigMap", Namespace = server.Namespace, Name = "a", Uid = "u1" };
        var role = new ObjectReference { ApiVersion = "rbac.authorization.k8s.io/v1", Kind = "Role", Namespace = server.Namespace, Name = "System:Weird_Näme.-", Uid = "u2" };
        var node = new ObjectReference { ApiVersion = "v1", Kind = "Node", Name = server.Namespace, Uid = "u3" };
        events.Normal(map, "Applied", "Applying", "first");
        _time.Advance(TimeSpan.FromMinutes(1));
        events.Normal(map, "Applied", "Applying", "first");
        events.Warning(role, "Failed", "Applying", new string('ü', 2000));
        events.Warning(node, "Failed", "Applying", "of no namespace");
        await WriteAsync(events);

        var told = (await server.Client.ListAsync<KubeEvent>(new() { Namespace = server.Namespace }, Cancel)).Items;
        foreach (var one in told)
        {
            TestContext.Current.TestOutputHelper!.WriteLine($"{one.Metadata.Name} {one.Type} {one.Reason} {one.Series?.Count}");
        }

        var first = Assert.Single(told, one => one.Regarding!.Name == "a");
        Assert.Equal((2, "test-controller", "replica-0"), (first.Series!.Count, first.ReportingController, first.ReportingInstance));
        Assert.Equal(_time.GetUtcNow(), first.Series.LastObservedTime);
        var raw = await server.Client.GetAsync(KubeEvent.Resource, first.Key, Cancel);
        Assert.Matches(@"""eventTime"":""\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z""", Encoding.UTF8.GetString(raw.Json.Span));
        var long_ = Assert.Single(told, one => one.Regarding!.Name == role.Name);
        Assert.Equal(1024, Encoding.UTF8.GetByteCount(long_.Note!));
        var ofNode = (await server.Client.ListAsync<KubeEvent>(new() { Namespace = "default" }, Cancel)).Items.Single(one => one.Regarding!.Name == server.Namespace);
        await server.Client.DeleteAsync<KubeEvent>(ofNode.Key, null, Cancel);
    }

    [Fact]
    public async Task Trap42_nobody_waits_for_events_and_what_the_queue_does_not_hold_is_dropped()
    {
        await using var server = new ScriptedApiServer();
        using var client = server.Connect(_time);
        var events = new EventRecorder(client, "c", "i", _time, NullLogger.Instance);
        for (var i = 0; i < 5000; i++)
        {
            events.Normal(new() { Kind = "ConfigMap", Namespace = "default", Name = $"a{i}" }, "Applied", "Applying", "note");
        }

        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var writing = events.RunAsync(stop.Token);
        var written = 0;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var answering = AnswerAsync();
        await writing;
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);
        Assert.Equal(1000, written);

        async Task AnswerAsync()
        {
            while (true)
            {
                var request = await server.TakeAsync(ended.Token);
                written++;
                await request.AnswerAsync(WireText.Object("e", 1));
            }
        }
    }

    [Fact]
    public async Task Trap42_a_series_goes_on_when_its_event_expired_or_its_first_answer_was_lost()
    {
        await using var server = new ScriptedApiServer();
        using var client = server.Connect(_time);
        var events = new EventRecorder(client, "c", "i", _time, NullLogger.Instance);
        var about = new ObjectReference { Kind = "ConfigMap", Namespace = "default", Name = "a" };
        using var stop = new CancellationTokenSource();
        var writing = events.RunAsync(stop.Token);
        events.Normal(about, "Applied", "Applying", "note");
        await ExpectAsync("POST", null, request => request.RefuseAsync(500, "InternalError"));
        events.Normal(about, "Applied", "Applying", "note");
        await ExpectAsync("POST", 2, request => request.RefuseAsync(409, "AlreadyExists"));
        await ExpectAsync("PATCH", 2, request => request.AnswerAsync(WireText.Object("e", 1)));
        events.Normal(about, "Applied", "Applying", "note");
        await ExpectAsync("PATCH", 3, request => request.RefuseAsync(404, "NotFound"));
        await ExpectAsync("POST", 3, request => request.AnswerAsync(WireText.Object("e", 1)));
        await stop.CancelAsync();
        await writing;

        async Task ExpectAsync(string method, int? count, Func<ScriptedRequest, Task> answer)
        {
            var request = await server.NextAsync();
            Assert.Equal((method, count), (request.Method, (int?)JsonNode.Parse(request.Body)!["series"]?["count"]));
            await answer(request);
        }
    }

    private static async Task WriteAsync(EventRecorder events)
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await events.RunAsync(stop.Token);
    }
}
