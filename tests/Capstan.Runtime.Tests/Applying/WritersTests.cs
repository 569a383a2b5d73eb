using System.Text.Json.Nodes;
using Capstan.Applying;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Applying;

/// <summary>What writes objects, against the embedded server.</summary>
public sealed class WritersTests : IAsyncLifetime
{
    private static readonly ResourceType Deployments = new("apps", "v1", "Deployment", "deployments", true);
    private static readonly ObjectKey Key = new("default", "thing");
    private TestCluster cluster = null!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => cluster = await TestCluster.StartAsync(new() { Controllers = false }, Patience);

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Trap29_status_is_written_once_and_only_where_it_differs()
    {
        await cluster.Client.CreateAsync(Deployments, DynamicObject.Parse(
            """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"thing","namespace":"default"},
             "spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """u8.ToArray()), cancellationToken: Patience);
        var writer = new StatusWriter(cluster.Client);
        var wanted = new JsonObject { ["replicas"] = 2, ["readyReplicas"] = 1 };
        Assert.NotNull(await WriteAsync(null, wanted));
        var written = await cluster.Client.GetAsync(Deployments, Key, Patience);
        var status = written.ToJson()["status"]!.AsObject();
        Assert.Equal((2, 1), ((int)status["replicas"]!, (int)status["readyReplicas"]!));

        Assert.Null(await WriteAsync(status, status.DeepClone().AsObject()));
        Assert.Equal(written.ResourceVersion, (await cluster.Client.GetAsync(Deployments, Key, Patience)).ResourceVersion);

        var changed = status.DeepClone().AsObject();
        changed.Remove("readyReplicas");
        Assert.NotNull(await WriteAsync(status, changed));
        Assert.Null((await cluster.Client.GetAsync(Deployments, Key, Patience)).ToJson()["status"]!["readyReplicas"]);

        var conflict = await Assert.ThrowsAsync<ApiException>(() => writer.WriteAsync(Deployments, Key, status, new() { ["replicas"] = 9 }, written.ResourceVersion, Patience));
        Assert.True(conflict.IsConflict, conflict.Message);

        Task<DynamicObject?> WriteAsync(JsonObject? before, JsonObject after) => writer.WriteAsync(Deployments, Key, before, after, null, Patience);
    }

    [Fact]
    public async Task Trap40_apply_removes_what_is_no_longer_wanted_and_takes_what_another_changed()
    {
        var applier = new Applier(cluster.Client, "test");
        var first = await applier.ApplyAsync(Map(("a", "1"), ("b", "2")), Patience);
        await cluster.Client.PatchAsync<ConfigMap>(Key, PatchType.Merge, """{"data":{"a":"theirs","c":"3"}}"""u8.ToArray(), new() { FieldManager = "other" }, Patience);
        var second = await applier.ApplyAsync(Map(("a", "1")), Patience);
        Assert.Equal([new("a", "1"), new("c", "3")], second.Data!.OrderBy(entry => entry.Key));
        Assert.NotEqual(first.Metadata.ResourceVersion, second.Metadata.ResourceVersion);

        // What was read may be applied again: managedFields in it are left out.
        var again = await applier.ApplyAsync(Map(("a", "1")) with { Metadata = new() { Name = Key.Name, Namespace = Key.Namespace, UnknownFields = second.Metadata.UnknownFields } }, Patience);
        Assert.Equal(second.Metadata.ResourceVersion, again.Metadata.ResourceVersion);
    }

    private static ConfigMap Map(params (string Name, string Value)[] data) =>
        new() { Metadata = new() { Name = Key.Name, Namespace = Key.Namespace }, Data = data.ToDictionary(entry => entry.Name, entry => entry.Value) };
}
