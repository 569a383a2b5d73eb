using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Http;

public sealed class WatchTests(TestServer server) : IClassFixture<TestServer>
{
    private Task<Answer> PostAsync(string ns, string name, string label = "x") =>
        server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", $$$$"""{"metadata":{"name":"{{{{name}}}}","labels":{"part":"{{{{label}}}}"}}}""");

    [Fact]
    public async Task Follows_writes_from_a_version_in_their_order()
    {
        var ns = await server.NamespaceAsync();
        var made = await PostAsync(ns, "a");
        using var watch = await TestWatch.StartAsync(server, $"{ns}/configmaps?watch=1&resourceVersion={made.Version}");
        await server.PatchAsync($"{ns}/configmaps/a", TestServer.MergePatch, """{"data":{"k":"1"}}""");
        await PostAsync(ns, "b");
        await server.SendAsync(HttpMethod.Delete, $"{ns}/configmaps/a");
        var last = long.Parse(made.Version, null);
        foreach (var expected in (string[])["MODIFIED a", "ADDED b", "DELETED a"])
        {
            var next = (await watch.NextAsync())!;
            Assert.Equal(expected, $"{(string?)next["type"]} {(string?)next["object"]!["metadata"]!["name"]}");
            var version = long.Parse((string)next["object"]!["metadata"]!["resourceVersion"]!, null);
            Assert.True(version > last);
            last = version;
        }
    }

    [Fact]
    public async Task Without_a_version_begins_with_what_there_is()
    {
        var ns = await server.NamespaceAsync();
        await PostAsync(ns, "a");
        await PostAsync(ns, "b");
        using var unset = await TestWatch.StartAsync(server, $"{ns}/configmaps?watch=1");
        using var zero = await TestWatch.StartAsync(server, $"{ns}/configmaps?watch=1&resourceVersion=0");
        await PostAsync(ns, "c");
        foreach (var watch in (TestWatch[])[unset, zero])
        {
            Assert.Equal("ADDED a", await watch.NextNameAsync());
            Assert.Equal("ADDED b", await watch.NextNameAsync());
            Assert.Equal("ADDED c", await watch.NextNameAsync());
        }
    }

    [Fact]
    public async Task A_selector_sees_objects_come_and_go()
    {
        var ns = await server.NamespaceAsync();
        var made = await PostAsync(ns, "a", "out");
        using var watch = await TestWatch.StartAsync(server, $"{ns}/configmaps?watch=1&labelSelector=part%3Din&resourceVersion={made.Version}");
        await server.PatchAsync($"{ns}/configmaps/a", TestServer.MergePatch, """{"data":{"k":"unseen"}}""");
        await server.PatchAsync($"{ns}/configmaps/a", TestServer.MergePatch, """{"metadata":{"labels":{"part":"in"}}}""");
        await server.PatchAsync($"{ns}/configmaps/a", TestServer.MergePatch, """{"data":{"k":"seen"}}""");
        var left = await server.PatchAsync($"{ns}/configmaps/a", TestServer.MergePatch, """{"metadata":{"labels":{"part":"out"}}}""");
        await server.SendAsync(HttpMethod.Delete, $"{ns}/configmaps/a");
        await PostAsync(ns, "b", "in");
        Assert.Equal("ADDED a", await watch.NextNameAsync());
        Assert.Equal("MODIFIED a", await watch.NextNameAsync());
        var gone = (await watch.NextAsync())!;
        Assert.Equal("DELETED", (string?)gone["type"]);
        Assert.Equal("in", (string?)gone["object"]!["metadata"]!["labels"]!["part"]);
        Assert.Equal(left.Version, (string?)gone["object"]!["metadata"]!["resourceVersion"]);
        Assert.Equal("ADDED b", await watch.NextNameAsync());
    }

    [Fact]
    public async Task A_streaming_list_ends_with_a_marked_bookmark()
    {
        var ns = await server.NamespaceAsync();
        var made = await PostAsync(ns, "a");
        using var watch = await TestWatch.StartAsync(server, $"{ns}/configmaps?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        Assert.Equal("ADDED a", await watch.NextNameAsync());
        var mark = (await watch.NextAsync())!;
        Assert.Equal("BOOKMARK", (string?)mark["type"]);
        Assert.Equal("ConfigMap", (string?)mark["object"]!["kind"]);
        Assert.Equal("true", (string?)mark["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
        Assert.True(long.Parse((string)mark["object"]!["metadata"]!["resourceVersion"]!, null) >= long.Parse(made.Version, null));
        await PostAsync(ns, "b");
        Assert.Equal("ADDED b", await watch.NextNameAsync());
    }

    [Fact]
    public async Task From_a_forgotten_version_tells_410_and_ends()
    {
        var ns = await server.NamespaceAsync();
        var made = await PostAsync(ns, "a");
        await PostAsync(ns, "b");
        server.Server.Compact();
        using var watch = await TestWatch.StartAsync(server, $"{ns}/configmaps?watch=1&resourceVersion={made.Version}");
        var error = (await watch.NextAsync())!;
        Assert.Equal("ERROR", (string?)error["type"]);
        Assert.Equal(410, (int)error["object"]!["code"]!);
        Assert.Equal("Expired", (string?)error["object"]!["reason"]);
        Assert.StartsWith("too old resource version: ", (string?)error["object"]!["message"], StringComparison.Ordinal);
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task A_reader_that_falls_behind_the_window_is_cut_and_writers_go_on()
    {
        var ns = await server.NamespaceAsync();
        var made = await PostAsync(ns, "a");
        using var watch = await TestWatch.StartAsync(server, $"{ns}/configmaps?watch=1&resourceVersion={made.Version}");
        var large = new string('x', 200_000);
        for (var i = 0; i < 700; i++)
        {
            // 140 MB: more than socket buffers take, and more changes than the window of 500 keeps.
            var put = await server.SendAsync(HttpMethod.Put, $"{ns}/configmaps/a", $$$"""{"metadata":{"name":"a"},"data":{"k":"{{{i}}}{{{large}}}"}}""");
            Assert.Equal(200, (int)put.Code);
        }

        JsonObject? last = null;
        while (await watch.NextAsync() is { } next)
        {
            last = next;
        }

        Assert.Equal("ERROR", (string?)last!["type"]);
        Assert.Equal(410, (int)last["object"]!["code"]!);
    }

    [Fact]
    public async Task Shortly_before_the_end_one_bookmark_tells_where_to_go_on()
    {
        var ns = await server.NamespaceAsync();
        var made = await PostAsync(ns, "a");
        using var watch = await TestWatch.StartAsync(server, $"{ns}/configmaps?watch=1&timeoutSeconds=3&allowWatchBookmarks=true&labelSelector=part%3Dnone&resourceVersion={made.Version}");
        var other = await PostAsync(ns, "b");
        var mark = (await watch.NextAsync())!;
        Assert.Equal("BOOKMARK", (string?)mark["type"]);
        Assert.Null(mark["object"]!["metadata"]!["annotations"]);
        Assert.True(long.Parse((string)mark["object"]!["metadata"]!["resourceVersion"]!, null) >= long.Parse(other.Version, null));
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task Ends_quietly_when_its_time_is_over()
    {
        var ns = await server.NamespaceAsync();
        using var watch = await TestWatch.StartAsync(server, $"{ns}/configmaps?watch=1&timeoutSeconds=1");
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task A_change_that_changes_nothing_is_not_told()
    {
        var ns = await server.NamespaceAsync();
        var made = await PostAsync(ns, "a");
        using var watch = await TestWatch.StartAsync(server, $"{ns}/configmaps?watch=1&resourceVersion={made.Version}");
        var same = await server.PatchAsync($"{ns}/configmaps/a", TestServer.MergePatch, """{"metadata":{"labels":{"part":"x"}}}""");
        Assert.Equal(made.Version, same.Version);
        await PostAsync(ns, "b");
        Assert.Equal("ADDED b", await watch.NextNameAsync());
    }

    [Fact]
    public async Task Events_come_in_the_shape_that_is_asked_for()
    {
        var ns = await server.NamespaceAsync();
        await PostAsync(ns, "a");
        using var metadata = await TestWatch.StartAsync(server, $"{ns}/configmaps?watch=1", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io");
        using var table = await TestWatch.StartAsync(server, $"{ns}/configmaps?watch=1", "application/json;as=Table;v=v1;g=meta.k8s.io");
        Assert.Equal("PartialObjectMetadata", (string?)(await metadata.NextAsync())!["object"]!["kind"]);
        var first = (await table.NextAsync())!["object"]!;
        Assert.Equal("a", (string?)first["rows"]![0]!["cells"]![0]);
        Assert.NotEmpty(first["columnDefinitions"]!.AsArray());
        await PostAsync(ns, "b");
        Assert.Null((await table.NextAsync())!["object"]!["columnDefinitions"]);
    }

    [Fact]
    public async Task A_server_that_stops_ends_its_watches_at_once()
    {
        var own = new TestServer();
        await own.InitializeAsync();
        var watches = new List<TestWatch>();
        for (var i = 0; i < 20; i++)
        {
            watches.Add(await TestWatch.StartAsync(own, "/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=0"));
        }

        var started = TimeProvider.System.GetTimestamp();
        await own.Server.DisposeAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        foreach (var watch in watches)
        {
            Assert.Null(await watch.NextAsync());
            watch.Dispose();
        }

        await own.DisposeAsync();
    }
}
