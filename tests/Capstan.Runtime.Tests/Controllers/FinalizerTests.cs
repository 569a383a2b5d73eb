using Capstan.Controllers;
using Capstan.Runtime.Tests.Scripted;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Controllers;

public sealed class FinalizerTests : IAsyncLifetime
{
    private const string Mine = "example.com/mine";
    private static readonly ObjectKey Key = new("default", "thing");
    private TestCluster cluster = null!;
    private Finalizer finalizer = null!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        cluster = await TestCluster.StartAsync(new() { Controllers = false }, Patience);
        finalizer = new(cluster.Client, Mine);
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Trap31_it_is_stored_before_anything_is_applied()
    {
        var map = await CreateAsync("someone.else/first");
        var stored = new List<IReadOnlyList<string>?>();
        var result = await finalizer.ReconcileAsync(map, async (held, token) =>
        {
            stored.Add(held.Metadata.Finalizers);
            stored.Add((await cluster.Client.GetAsync<ConfigMap>(Key, token)).Metadata.Finalizers);
            return ReconcileResult.After(TimeSpan.FromMinutes(1));
        }, NoCleanup, Patience);
        Assert.Equal(ReconcileResult.After(TimeSpan.FromMinutes(1)), result);
        Assert.All(stored, finalizers => Assert.Equal(["someone.else/first", Mine], finalizers));
    }

    [Fact]
    public async Task One_that_is_on_costs_no_write()
    {
        var map = await CreateAsync(Mine);
        await finalizer.ReconcileAsync(map, (_, _) => Task.FromResult(ReconcileResult.Done), NoCleanup, Patience);
        Assert.Equal(map.Metadata.ResourceVersion, (await cluster.Client.GetAsync<ConfigMap>(Key, Patience)).Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Trap31_it_goes_after_the_cleanup_and_the_others_stay_wherever_it_stands()
    {
        await CreateAsync("someone.else/first", Mine, "someone.else/last");
        var deleted = await DeleteAsync();
        var calls = 0;
        Assert.Equal(
            ReconcileResult.After(TimeSpan.FromSeconds(5)),
            await finalizer.ReconcileAsync(deleted, NoApply, (_, _) => Task.FromResult(ReconcileResult.After(TimeSpan.FromSeconds(5))), Patience));
        Assert.Contains(Mine, (await cluster.Client.GetAsync<ConfigMap>(Key, Patience)).Metadata.Finalizers!);

        await Assert.ThrowsAsync<IOException>(() => finalizer.ReconcileAsync(deleted, NoApply, (_, _) => throw new IOException("not yet"), Patience));
        Assert.Contains(Mine, (await cluster.Client.GetAsync<ConfigMap>(Key, Patience)).Metadata.Finalizers!);

        await finalizer.ReconcileAsync(deleted, NoApply, (_, _) => { calls++; return Task.FromResult(ReconcileResult.Done); }, Patience);
        var left = await cluster.Client.GetAsync<ConfigMap>(Key, Patience);
        Assert.Equal(["someone.else/first", "someone.else/last"], left.Metadata.Finalizers);
        await finalizer.ReconcileAsync(left, NoApply, (_, _) => { calls++; return Task.FromResult(ReconcileResult.Done); }, Patience);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Trap31_it_survives_a_stale_read_and_an_object_that_is_gone()
    {
        var stale = await CreateAsync(Mine);
        await cluster.Client.PatchAsync<ConfigMap>(Key, PatchType.Merge, """{"metadata":{"finalizers":["a.b/c","example.com/mine"]}}"""u8.ToArray(), null, Patience);
        var without = await finalizer.RemoveAsync(stale, Patience);
        Assert.Equal(["a.b/c"], without!.Metadata.Finalizers);

        await cluster.Client.PatchAsync<ConfigMap>(Key, PatchType.Merge, """{"metadata":{"finalizers":null}}"""u8.ToArray(), null, Patience);
        await cluster.Client.DeleteAsync<ConfigMap>(Key, null, Patience);
        Assert.Null(await finalizer.RemoveAsync(stale, Patience));
        Assert.Null(await finalizer.AddAsync(without, Patience));

        // Another object of the same name is not the one that was read.
        var successor = await CreateAsync();
        Assert.Null(await finalizer.AddAsync(without, Patience));
        Assert.Null((await cluster.Client.GetAsync<ConfigMap>(Key, Patience)).Metadata.Finalizers);
        Assert.NotEqual(stale.Metadata.Uid, successor.Metadata.Uid);
    }

    [Fact]
    public async Task Trap31_it_is_not_added_to_what_is_being_deleted()
    {
        var stale = await CreateAsync("someone.else/first");
        await DeleteAsync();
        var applied = false;
        await finalizer.ReconcileAsync(stale, (_, _) => { applied = true; return Task.FromResult(ReconcileResult.Done); }, NoCleanup, Patience);
        Assert.False(applied);
        Assert.Equal(["someone.else/first"], (await cluster.Client.GetAsync<ConfigMap>(Key, Patience)).Metadata.Finalizers);
    }

    [Fact]
    public async Task Trap31_the_servers_own_finalizers_stay_while_a_foreground_deletion_waits()
    {
        await CreateAsync(Mine);
        await cluster.Client.DeleteAsync<ConfigMap>(Key, new() { PropagationPolicy = "Foreground" }, Patience);
        var deleted = await cluster.Client.GetAsync<ConfigMap>(Key, Patience);
        Assert.Contains("foregroundDeletion", deleted.Metadata.Finalizers!);
        await finalizer.ReconcileAsync(deleted, NoApply, (_, _) => Task.FromResult(ReconcileResult.Done), Patience);
        Assert.Equal(["foregroundDeletion"], (await cluster.Client.GetAsync<ConfigMap>(Key, Patience)).Metadata.Finalizers);
    }

    [Fact]
    public async Task Trap31_writers_that_never_rest_end_it_with_a_conflict_after_a_few_tries()
    {
        await using var server = new ScriptedApiServer();
        var time = new ManualTime();
        using var client = server.Connect(time);
        var adding = new Finalizer(client, Mine).AddAsync(new ConfigMap { Metadata = new() { Name = "a", Namespace = "default", Uid = "uid-a", ResourceVersion = "1" } }, Patience);
        var requests = new List<string>();
        while (!adding.IsCompleted)
        {
            var request = await server.NextAsync();
            requests.Add(request.Method);
            if (request.Method == "GET")
            {
                await request.AnswerAsync(WireText.Object("a", requests.Count));
                continue;
            }

            await request.RefuseAsync(409, "Conflict");
            if (requests.Count(method => method == "PATCH") == 5)
            {
                break;
            }

            await time.WaitForTimerAsync(TimeSpan.FromSeconds(1), Patience);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True((await Assert.ThrowsAsync<ApiException>(() => adding)).IsConflict);
        Assert.Equal("PATCH GET PATCH GET PATCH GET PATCH GET PATCH", string.Join(' ', requests));
    }

    private static Task<ReconcileResult> NoApply(ConfigMap map, CancellationToken token) => throw new InvalidOperationException("applied what is being deleted");

    private static Task<ReconcileResult> NoCleanup(ConfigMap map, CancellationToken token) => throw new InvalidOperationException("cleaned up what is wanted");

    private Task<ConfigMap> CreateAsync(params string[] finalizers) =>
        cluster.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = Key.Name, Namespace = Key.Namespace, Finalizers = [.. finalizers] } }, cancellationToken: Patience);

    private async Task<ConfigMap> DeleteAsync()
    {
        await cluster.Client.DeleteAsync<ConfigMap>(Key, null, Patience);
        return await cluster.Client.GetAsync<ConfigMap>(Key, Patience);
    }
}
