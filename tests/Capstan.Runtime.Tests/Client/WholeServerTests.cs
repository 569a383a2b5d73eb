using System.Text;
using System.Threading.Channels;
using Capstan.Caching;
using Capstan.Selectors;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

/// <summary>Client and informer against whole servers: ours, and a real kube-apiserver.</summary>
public sealed class WholeServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Creates_reads_updates_patches_applies_and_deletes(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var key = new ObjectKey(server.Namespace, "settings");
        var made = await server.Client.CreateAsync(New(server, key.Name, data: "1"), cancellationToken: Cancel);
        Assert.NotNull(made.Metadata.Uid);
        Assert.Equal("ConfigMap", made.Kind);
        var twice = await Assert.ThrowsAsync<ApiException>(() => server.Client.CreateAsync(New(server, key.Name), cancellationToken: Cancel));
        Assert.True(twice.IsAlreadyExists);

        made.Data!["b"] = "2";
        var updated = await server.Client.UpdateAsync(made, cancellationToken: Cancel);
        Assert.Equal("2", updated.Data!["b"]);
        var stale = await Assert.ThrowsAsync<ApiException>(() => server.Client.UpdateAsync(made with { Data = [] }, cancellationToken: Cancel));
        Tell(stale);
        Assert.True(stale.IsConflict);

        var patched = await server.Client.PatchAsync<ConfigMap>(key, PatchType.Merge, """{"data":{"v":null}}"""u8.ToArray(), cancellationToken: Cancel);
        Assert.Equal(["b"], patched.Data!.Keys);
        patched = await server.Client.PatchAsync<ConfigMap>(key, PatchType.Json, """[{"op":"add","path":"/data/c","value":"3"}]"""u8.ToArray(), new() { DryRun = true }, Cancel);
        Assert.Equal(["b", "c"], patched.Data!.Keys.Order());
        patched = await server.Client.PatchAsync<ConfigMap>(key, PatchType.StrategicMerge, """{"metadata":{"labels":{"a":"b"}}}"""u8.ToArray(), cancellationToken: Cancel);
        Assert.Equal(["b"], patched.Data!.Keys);

        var body = Encoding.UTF8.GetBytes($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"{{server.Namespace}}"},"data":{"b":"3"} }""");
        var conflict = await Assert.ThrowsAsync<ApiException>(() => server.Client.ApplyAsync(ConfigMap.Resource, key, body, new() { FieldManager = "m" }, Cancel));
        Tell(conflict);
        Assert.True(conflict.IsConflict);
        var applied = await server.Client.ApplyAsync(ConfigMap.Resource, key, body, new() { FieldManager = "m", Force = true }, Cancel);
        Assert.Equal("3", applied.To<ConfigMap>().Data!["b"]);
        var again = await server.Client.ApplyAsync(ConfigMap.Resource, key, body, new() { FieldManager = "m", Force = true }, Cancel);
        Assert.Equal(applied.ResourceVersion, again.ResourceVersion);

        var wrong = await Assert.ThrowsAsync<ApiException>(() => server.Client.DeleteAsync<ConfigMap>(key, new() { Uid = "other" }, Cancel));
        Tell(wrong);
        Assert.True(wrong.IsConflict);
        Assert.Null(await server.Client.DeleteAsync<ConfigMap>(key, new() { Uid = made.Metadata.Uid }, Cancel));
        Assert.Null(await server.Client.FindAsync<ConfigMap>(key, Cancel));
        var missing = await Assert.ThrowsAsync<ApiException>(() => server.Client.GetAsync<ConfigMap>(key, Cancel));
        Tell(missing);
        Assert.True(missing.IsNotFound);
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task An_object_with_a_finalizer_is_kept_until_it_is_removed(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        await using var run = await FollowAsync(server, new() { Namespace = server.Namespace });
        var held = New(server, "held");
        held.Metadata.Finalizers = ["example.com/hold"];
        await server.Client.CreateAsync(held, cancellationToken: Cancel);
        var left = await server.Client.DeleteAsync<ConfigMap>(held.Key, cancellationToken: Cancel);
        Assert.NotNull(left!.Metadata.DeletionTimestamp);
        Assert.NotNull(run.Cache.Get(held.Key)!.Metadata.DeletionTimestamp);
        await server.Client.PatchAsync<ConfigMap>(held.Key, PatchType.Merge, """{"metadata":{"finalizers":null}}"""u8.ToArray(), cancellationToken: Cancel);
        await run.SeeAsync(c => c.Kind == CacheChangeKind.Deleted && c.Key == held.Key);
        Assert.Null(run.Cache.Get(held.Key));
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Lists_page_after_page_and_discovers_kinds(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        for (var i = 0; i < 7; i++)
        {
            await server.Client.CreateAsync(New(server, $"c{i}", app: $"a{i % 2}"), cancellationToken: Cancel);
        }

        var list = await server.Client.ListAsync<ConfigMap>(new() { Namespace = server.Namespace, PageSize = 2 }, Cancel);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"c{i}"), list.Items.Select(i => i.Metadata.Name).Where(n => n![0] == 'c'));
        Assert.Equal("v1", list.Items[0].ApiVersion);
        await server.Client.DeleteCollectionAsync(ConfigMap.Resource, new() { Namespace = server.Namespace, LabelSelector = "app in (a0)" }, cancellationToken: Cancel);
        list = await server.Client.ListAsync<ConfigMap>(new() { Namespace = server.Namespace, LabelSelector = "app" }, Cancel);
        Assert.Equal(["c1", "c3", "c5"], list.Items.Select(i => i.Metadata.Name));

        var deployment = await server.Client.Discovery.GetAsync(new("apps", "v1", "Deployment"), Cancel);
        Assert.Equal(new ResourceType("apps", "v1", "Deployment", "deployments", true), deployment);
        Assert.False((await server.Client.Discovery.GetAsync(new("", "v1", "Namespace"), Cancel)).Namespaced);
        Assert.Null(await server.Client.Discovery.FindAsync(new("apps", "v1", "Deploymint"), Cancel));
    }

    [Theory]
    [InlineData(AnyServer.Embedded, true)]
    [InlineData(AnyServer.Embedded, false)]
    [InlineData(AnyServer.Real, true)]
    [InlineData(AnyServer.Real, false)]
    public async Task An_informer_follows_the_server_and_shows_own_writes_at_once(string kind, bool streaming)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        await server.Client.CreateAsync(New(server, "first"), cancellationToken: Cancel);
        await using var run = await FollowAsync(server, new() { Namespace = server.Namespace, LabelSelector = LabelSelector.Parse("app=x"), StreamingList = streaming });
        await run.SeeAsync(c => c is { Kind: CacheChangeKind.Added, IsInInitialList: true, Key.Name: "first" });
        for (var i = 0; i < 50; i++)
        {
            await server.Client.CreateAsync(New(server, $"c{i}", data: $"{i % 10}"), cancellationToken: Cancel);
            Assert.NotNull(run.Cache.Get(new(server.Namespace, $"c{i}")));
        }

        await server.Client.CreateAsync(New(server, "foreign", app: "y"), cancellationToken: Cancel);
        Assert.Equal(["c3", "c13", "c23", "c33", "c43"], run.Cache.ByIndex("v", "3").Select(c => c.Metadata.Name).OrderBy(n => n!.Length));
        for (var i = 0; i < 50; i++)
        {
            var change = await run.NextAsync();
            Assert.True(change is { Kind: CacheChangeKind.Added, IsInInitialList: false } && change.Key.Name == $"c{i}", change.ToString());
            Assert.DoesNotContain("managedFields", Encoding.UTF8.GetString(change.New!.Json.Span), StringComparison.Ordinal);
        }

        await server.Client.DeleteAsync<ConfigMap>(new(server.Namespace, "c7"), cancellationToken: Cancel);
        Assert.Null(run.Cache.Get(new(server.Namespace, "c7")));
        await server.Client.PatchAsync<ConfigMap>(new(server.Namespace, "c8"), PatchType.Merge, """{"metadata":{"labels":{"app":"z"}}}"""u8.ToArray(), cancellationToken: Cancel);
        Assert.Null(run.Cache.Get(new(server.Namespace, "c8")));
        Assert.True(await run.NextAsync() is { Kind: CacheChangeKind.Deleted, Key.Name: "c7" });
        Assert.True(await run.NextAsync() is { Kind: CacheChangeKind.Deleted, Key.Name: "c8" });
        Assert.Equal(49, run.Cache.Count);
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Trap01_a_version_that_never_was_is_refused_and_a_list_follows(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => server.Client.GetRawAsync($"/api/v1/namespaces/{server.Namespace}/configmaps?resourceVersion=999999999999&resourceVersionMatch=NotOlderThan", null, Cancel));
        Tell(error);
        Assert.True(error is ApiException { IsTooLargeResourceVersion: true }, error.ToString());
    }

    private static void Tell(Exception error) => TestContext.Current.TestOutputHelper!.WriteLine(error.Message);

    private static ConfigMap New(AnyServer server, string name, string app = "x", string data = "") =>
        new() { Metadata = new() { Name = name, Namespace = server.Namespace, Labels = new() { ["app"] = app } }, Data = new() { ["v"] = data } };

    private static async Task<Following> FollowAsync(AnyServer server, InformerOptions options)
    {
        var following = new Following(server.Client, options);
        await following.StartAsync();
        return following;
    }

    private sealed class Following : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Channel<CacheChange> _told = Channel.CreateUnbounded<CacheChange>();
        private readonly Informer _informer;
        private Task _run = Task.CompletedTask;

        public Following(KubeClient client, InformerOptions options)
        {
            _informer = new Informer(client, ConfigMap.Resource, options);
            _informer.AddIndex<ConfigMap>("v", c => c.Data is { } data ? data.Values : []);
            _informer.AddHandler(c => _told.Writer.TryWrite(c));
        }

        public ObjectCache<ConfigMap> Cache => _informer.CacheOf<ConfigMap>();

        public Task StartAsync()
        {
            _run = _informer.RunAsync(_end.Token);
            return _informer.WaitForSyncAsync(Cancel);
        }

        public ValueTask<CacheChange> NextAsync() => _told.Reader.ReadAsync(Cancel);

        public async Task SeeAsync(Func<CacheChange, bool> wanted)
        {
            while (!wanted(await NextAsync()))
            {
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await Task.WhenAny(_run);
            _end.Dispose();
        }
    }
}
