using System.Text;
using Capstan.Caching;
using Capstan.Selectors;
using Capstan.Watching;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

/// <summary>The client against a real kube-apiserver.</summary>
public sealed class RealServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Creates_reads_updates_patches_applies_and_deletes()
    {
        await using var server = await RealServer.ConnectAsync();
        var key = new ObjectKey(server.Namespace, "settings");
        var made = await server.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = key.Name, Namespace = key.Namespace }, Data = new() { ["a"] = "1" } }, cancellationToken: Cancel);
        Assert.NotNull(made.Metadata.Uid);
        Assert.Equal("ConfigMap", made.Kind);

        made.Data!["b"] = "2";
        var updated = await server.Client.UpdateAsync(made, cancellationToken: Cancel);
        Assert.Equal("2", updated.Data!["b"]);
        var stale = await Assert.ThrowsAsync<ApiException>(() => server.Client.UpdateAsync(made with { Data = [] }, cancellationToken: Cancel));
        TestContext.Current.TestOutputHelper!.WriteLine(stale.Message);
        Assert.True(stale.IsConflict);

        var patched = await server.Client.PatchAsync<ConfigMap>(key, PatchType.Merge, """{"data":{"a":null}}"""u8.ToArray(), cancellationToken: Cancel);
        Assert.Equal(["b"], patched.Data!.Keys);

        var body = Encoding.UTF8.GetBytes($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"{{server.Namespace}}"},"data":{"b":"3"} }""");
        var conflict = await Assert.ThrowsAsync<ApiException>(() => server.Client.ApplyAsync(ConfigMap.Resource, key, body, new() { FieldManager = "m" }, Cancel));
        TestContext.Current.TestOutputHelper!.WriteLine(conflict.Message);
        Assert.True(conflict.IsConflict);
        var applied = await server.Client.ApplyAsync(ConfigMap.Resource, key, body, new() { FieldManager = "m", Force = true }, Cancel);
        Assert.Equal("3", applied.To<ConfigMap>().Data!["b"]);

        var wrong = await Assert.ThrowsAsync<ApiException>(() => server.Client.DeleteAsync<ConfigMap>(key, new() { Uid = "other" }, Cancel));
        Assert.True(wrong.IsConflict);
        Assert.Null(await server.Client.DeleteAsync<ConfigMap>(key, new() { Uid = made.Metadata.Uid }, Cancel));
        Assert.Null(await server.Client.FindAsync<ConfigMap>(key, Cancel));
        var missing = await Assert.ThrowsAsync<ApiException>(() => server.Client.GetAsync<ConfigMap>(key, Cancel));
        TestContext.Current.TestOutputHelper!.WriteLine(missing.Message);
        Assert.True(missing.IsNotFound);
    }

    [Fact]
    public async Task Lists_page_after_page_and_discovers_kinds()
    {
        await using var server = await RealServer.ConnectAsync();
        for (var i = 0; i < 7; i++)
        {
            await server.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = $"c{i}", Namespace = server.Namespace } }, cancellationToken: Cancel);
        }

        var list = await server.Client.ListAsync<ConfigMap>(new() { Namespace = server.Namespace, PageSize = 2 }, Cancel);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"c{i}"), list.Items.Select(i => i.Metadata.Name).Where(n => n![0] == 'c'));
        Assert.Equal("v1", list.Items[0].ApiVersion);

        var deployment = await server.Client.Discovery.GetAsync(new("apps", "v1", "Deployment"), Cancel);
        Assert.Equal(new ResourceType("apps", "v1", "Deployment", "deployments", true), deployment);
        Assert.False((await server.Client.Discovery.GetAsync(new("", "v1", "Namespace"), Cancel)).Namespaced);
        Assert.Null(await server.Client.Discovery.FindAsync(new("apps", "v1", "Deploymint"), Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_informer_follows_the_server(bool streaming)
    {
        await using var server = await RealServer.ConnectAsync();
        await server.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = "first", Namespace = server.Namespace, Labels = new() { ["app"] = "x" } } }, cancellationToken: Cancel);
        var told = System.Threading.Channels.Channel.CreateUnbounded<CacheChange>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var informer = new Informer(server.Client, ConfigMap.Resource, new() { Namespace = server.Namespace, LabelSelector = LabelSelector.Parse("app=x"), StreamingList = streaming });
        informer.AddIndex<ConfigMap>("data", c => c.Data is { } data ? data.Values : []);
        informer.AddHandler(c => told.Writer.TryWrite(c));
        var run = informer.RunAsync(end.Token);
        await informer.WaitForSyncAsync(Cancel);
        var change = await told.Reader.ReadAsync(Cancel);
        Assert.True(change is { Kind: CacheChangeKind.Added, IsInInitialList: true, Key.Name: "first" });

        var cache = informer.CacheOf<ConfigMap>();
        for (var i = 0; i < 50; i++)
        {
            await server.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = $"c{i}", Namespace = server.Namespace, Labels = new() { ["app"] = "x" } }, Data = new() { ["i"] = $"{i % 10}" } }, cancellationToken: Cancel);
            Assert.NotNull(cache.Get(new(server.Namespace, $"c{i}")));
        }

        Assert.Equal(["c3", "c13", "c23", "c33", "c43"], cache.ByIndex("data", "3").Select(c => c.Metadata.Name).OrderBy(n => n!.Length));
        for (var i = 0; i < 50; i++)
        {
            change = await told.Reader.ReadAsync(Cancel);
            Assert.True(change is { Kind: CacheChangeKind.Added, IsInInitialList: false }, change.ToString());
        }

        Assert.DoesNotContain("managedFields", Encoding.UTF8.GetString(change.New!.Json.Span), StringComparison.Ordinal);
        await server.Client.DeleteAsync<ConfigMap>(new(server.Namespace, "c7"), cancellationToken: Cancel);
        Assert.Null(cache.Get(new(server.Namespace, "c7")));
        change = await told.Reader.ReadAsync(Cancel);
        Assert.True(change is { Kind: CacheChangeKind.Deleted, Key.Name: "c7" });

        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task An_expired_version_starts_over()
    {
        await using var server = await RealServer.ConnectAsync();
        var watcher = new Watcher(server.Client, ConfigMap.Resource, new() { Namespace = server.Namespace });
        await foreach (var happened in watcher.RunAsync(Cancel))
        {
            Assert.Equal(WatchEventKind.Restarted, happened.Kind);
            Assert.NotEmpty(happened.ResourceVersion!);
            break;
        }
    }
}
