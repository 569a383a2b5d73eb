using Capstan.Caching;
using Capstan.Runtime.Tests.Scripted;
using Capstan.Selectors;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>Which objects an informer asks for and keeps, and what of them.</summary>
public sealed class ScopeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Item(string space, string name, int version, string more = "") =>
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"{{{space}}}","uid":"{{{space}}}-{{{name}}}","resourceVersion":"{{{version}}}","managedFields":[{"manager":"m"}]{{{more}}}},"data":{"v":"x"}}""";

    [Fact]
    public async Task Several_namespaces_are_watched_each_by_itself_and_read_as_one()
    {
        await using var run = new InformerRun(new() { Namespaces = ["x", "y"] });
        run.Run();
        var lists = new[] { await run.Server.NextAsync(), await run.Server.NextAsync() }.OrderBy(r => r.Path).ToArray();
        Assert.Equal(["/api/v1/namespaces/x/configmaps", "/api/v1/namespaces/y/configmaps"], lists.Select(l => l.Path));
        await lists[0].AnswerAsync(WireText.List(10, Item("x", "a", 5)));
        Assert.Equal("Added a >5 initial", await run.ToldAsync());
        Assert.False(run.Informer.HasSynced);
        Assert.Null(run.Informer.ResourceVersion);
        await lists[1].AnswerAsync(WireText.List(20, Item("y", "a", 6), Item("y", "b", 7)));
        await run.Informer.WaitForSyncAsync(Cancel);
        Assert.Equal(("Added a >6 initial", "Added b >7 initial"), (await run.ToldAsync(), await run.ToldAsync()));
        Assert.Equal("10", run.Informer.ResourceVersion);
        Assert.Equal(["x/a", "y/a", "y/b"], run.Cache.Keys.Select(k => k.ToString()));
        Assert.Equal("namespaces x, y", run.Informer.Scope);

        var watches = new[] { await run.Server.NextAsync(), await run.Server.NextAsync() }.OrderBy(r => r.Path).ToArray();
        Assert.Equal(("10", "20"), (watches[0].Query["resourceVersion"], watches[1].Query["resourceVersion"]));
        await watches[0].BeginAsync();
        await watches[1].BeginAsync();

        // What one namespace lists anew says nothing of the other.
        await watches[1].SendAsync(WireText.Error(410, "Expired"));
        await (await run.Server.NextAsync()).AnswerAsync(WireText.List(30, Item("y", "b", 27)));
        Assert.Equal(("Deleted a 6> stale", "Updated b 7>27"), (await run.ToldAsync(), await run.ToldAsync()));
        Assert.Equal(["x/a", "y/b"], run.Cache.Keys.Select(k => k.ToString()));

        // Nor does its version: a write in the one is not passed by the other.
        run.Cache.Observe(DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(Item("x", "a", 25))));
        run.Cache.Observe(DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(Item("z", "a", 26))));
        Assert.Equal("25", run.Cache.Get(new("x", "a"))!.Metadata.ResourceVersion);
        Assert.False(run.Cache.Contains(new("z", "a")), "nobody would ever tell that it is gone");
    }

    [Fact]
    public async Task One_namespace_that_may_not_be_read_shows_while_the_other_works()
    {
        var time = new ManualTime();
        await using var run = new InformerRun(new() { Namespaces = ["x", "y"], CacheSyncTimeout = TimeSpan.FromSeconds(3) }, time);
        var told = new TaskCompletionSource<Exception>();
        run.Informer.Faulted += e => told.TrySetResult(e);
        run.Run();
        var lists = new[] { await run.Server.NextAsync(), await run.Server.NextAsync() }.OrderBy(r => r.Path).ToArray();
        await lists[0].AnswerAsync(WireText.List(10, Item("x", "a", 5)));
        await lists[1].RefuseAsync(403, "Forbidden", "configmaps is forbidden in y");
        await told.Task.WaitAsync(ScriptedApiServer.Patience, Cancel);
        await run.ToldAsync();
        Assert.True(run.Informer.LastError is ApiException { IsForbidden: true });
        var sync = run.Informer.WaitForSyncAsync(Cancel);
        time.Advance(TimeSpan.FromSeconds(3));
        var failure = await Assert.ThrowsAsync<CacheSyncException>(() => sync);
        TestContext.Current.TestOutputHelper!.WriteLine(failure.Message);
        Assert.Contains("namespaces x, y", failure.Message, StringComparison.Ordinal);
        Assert.Contains("forbidden in y", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Selectors_go_to_the_server_and_are_words_in_the_scope()
    {
        await using var run = new InformerRun(new() { Namespace = "x", LabelSelector = LabelSelector.Parse("app in (a,b)"), FieldSelector = "metadata.name!=c" });
        run.Run();
        var list = await run.Server.NextAsync();
        Assert.Equal(("app in (a,b)", "metadata.name!=c"), (list.Query["labelSelector"], list.Query["fieldSelector"]));
        await list.AnswerAsync(WireText.List(10));
        var watch = await run.Server.NextAsync();
        Assert.Equal(("app in (a,b)", "metadata.name!=c"), (watch.Query["labelSelector"], watch.Query["fieldSelector"]));
        Assert.Equal("namespace x, labels app in (a,b), fields metadata.name!=c", run.Informer.Scope);
        await run.Informer.WaitForSyncAsync(Cancel);
        run.Cache.Observe(DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(Item("x", "c", 12, """,  "labels":{"app":"a"}"""))));
        Assert.Equal(0, run.Cache.Count);
        run.Cache.Observe(DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(Item("x", "d", 13, """,  "labels":{"app":"a"}"""))));
        Assert.Equal(1, run.Cache.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Metadata_only_keeps_metadata_only_whatever_the_server_sends(bool serverCan)
    {
        await using var run = new InformerRun(new() { MetadataOnly = true });
        run.Run();
        var list = await run.Server.NextAsync();
        Assert.Contains("as=PartialObjectMetadataList", list.Headers["Accept"], StringComparison.Ordinal);
        var partial = """{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a","namespace":"x","uid":"x-a","resourceVersion":"5"}}""";
        await list.AnswerAsync(WireText.List(10, serverCan ? partial : Item("x", "a", 5)));
        var watch = await run.Server.NextAsync();
        Assert.Contains("as=PartialObjectMetadata;", watch.Headers["Accept"], StringComparison.Ordinal);
        await run.Informer.WaitForSyncAsync(Cancel);
        run.Informer.Cache.Observe(DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(Item("x", "own", 12))));
        foreach (var value in run.Informer.Cache.List())
        {
            Assert.Equal("PartialObjectMetadata", value.Kind);
            Assert.Equal(["apiVersion", "kind", "metadata"], value.ToJson().Select(m => m.Key).Order());
            Assert.False(value.ToJson()["metadata"]!.AsObject().ContainsKey("managedFields"));
        }

        Assert.Equal(["x/a", "x/own"], run.Informer.Cache.Keys.Select(k => k.ToString()));
        Assert.Contains("metadata only", Assert.Throws<InvalidOperationException>(() => run.Cache).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transform_says_what_is_kept_and_one_that_fails_keeps_all()
    {
        await using var run = new InformerRun(new()
        {
            Transform = o =>
            {
                var json = o.ToJson();
                json.Remove("data");
                json["metadata"]!["uid"] = o.Key.Name == "bad" ? "another" : o.Uid;
                return o.Key.Name == "broken" ? throw new FormatException("no idea") : DynamicObject.From(json);
            },
        });
        var faults = new List<string>();
        run.Informer.Faulted += e => faults.Add(e.Message);
        await run.StartAsync(10, Item("x", "a", 5), Item("x", "bad", 6), Item("x", "broken", 7));
        await run.Informer.WaitForSyncAsync(Cancel);
        run.Cache.Observe(DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(Item("x", "own", 12))));
        Assert.Equal([("a", false), ("bad", true), ("broken", true), ("own", false)], run.Cache.List().Select(c => (c.Metadata.Name!, c.Data is not null)));
        Assert.Contains(faults, f => f.Contains("x/bad", StringComparison.Ordinal) && f.Contains("was changed", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.Contains("x/broken", StringComparison.Ordinal) && f.Contains("no idea", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_of_what_is_known_gives_the_same_objects_and_takes_no_memory()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5), WireText.Object("b", 6));
        await run.Informer.WaitForSyncAsync(Cancel);
        var before = run.Informer.Cache.List();
        await watch.SendAsync(WireText.Error(410, "Expired"));
        await (await run.Server.NextAsync()).AnswerAsync(WireText.List(20, WireText.Object("a", 5), WireText.Object("b", 16)));
        await run.Server.NextAsync();
        var after = run.Informer.Cache.List();
        Assert.Same(before[0], after[0]);
        Assert.NotSame(before[1], after[1]);
    }

    [Fact]
    public async Task Options_that_contradict_each_other_are_refused()
    {
        await using var server = new ScriptedApiServer();
        using var client = server.Connect();
        var clusterWide = new ResourceType("", "v1", "Node", "nodes", false);
        Assert.Throws<ArgumentException>(() => new Informer(client, ConfigMap.Resource, new() { Namespace = "x", Namespaces = ["y"] }));
        Assert.Throws<ArgumentException>(() => new Informer(client, ConfigMap.Resource, new() { Namespaces = ["x", ""] }));
        Assert.Throws<ArgumentException>(() => new Informer(client, clusterWide, new() { Namespace = "x" }));
        Assert.Throws<ArgumentException>(() => new Informer(client, ConfigMap.Resource, new() { FieldSelector = "what" }));
    }

    [Fact]
    public async Task Several_fields_must_all_match_and_empty_values_count_if_the_delegate_gives_them()
    {
        await using var run = new InformerRun();
        static string Labelled(string name, string tier) => Item("x", name, 5, $$$""","labels":{"tier":"{{{tier}}}"}""");
        run.Informer.AddIndex("tier", o => [o.Labels["tier"]]);
        run.Informer.AddIndex("tier if any", o => o.Labels["tier"].Length > 0 ? [o.Labels["tier"]] : []);
        run.Informer.AddIndex("letter", o => [o.Key.Name[..1]]);
        await run.StartAsync(10, Labelled("a1", "front"), Labelled("a2", ""), Labelled("b1", "front"));
        await run.Informer.WaitForSyncAsync(Cancel);
        string Names(params (string, string)[] fields) => string.Join(" ", run.Cache.List(new() { MatchingFields = fields }).Select(c => c.Metadata.Name));
        Assert.Equal("a2", Names(("tier", "")));
        Assert.Equal("", Names(("tier if any", "")));
        Assert.Equal("a1", Names(("tier", "front"), ("letter", "a")));
        Assert.Equal("a2", Names(("letter", "a"), ("tier", "")));
        Assert.Throws<ArgumentException>(() => Names(("letter", "a"), ("other", "")));
    }
}
