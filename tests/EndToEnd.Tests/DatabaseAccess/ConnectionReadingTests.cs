using System.Text;
using Capstan;
using Capstan.Testing;
using Capstan.Tool;
using Capstan.Tool.DatabaseAccess;
using Capstan.Yaml;
using Databases.Resources;
using EndToEnd.Tests.Programs;
using DatabaseManifests = Databases.Manifests;

namespace EndToEnd.Tests.DatabaseAccess;

/// <summary>What <c>capstan db connect</c> reads from a cluster, and what it says when a part is missing.</summary>
public sealed class ConnectionReadingTests : IAsyncLifetime
{
    private const string Parts = """
        apiVersion: v1
        kind: Secret
        metadata: {name: shop-credentials}
        stringData: {username: "o'brien", password: 'p$ "w', dbname: 'the shop', host: shop.default.svc.cluster.local}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: shop}
        spec: {clusterIP: 127.96.7.7, ports: [{port: 5432}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: shop-ro}
        spec: {clusterIP: None, ports: [{port: 5432}]}
        """;

    private static readonly ObjectKey Shop = new("default", "shop");
    private TestCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync(new() { Controllers = false }, Stop);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Secret_and_Service_become_variables_as_they_are()
    {
        await InstallAsync("ready: true, secretName: shop-credentials");
        await _cluster.InstallAsync(Parts, Stop);
        Assert.Equal(
            [("PGDATABASE", "the shop"), ("PGHOST", "shop.default.svc.cluster.local"), ("PGHOSTADDR", "127.96.7.7"), ("PGPASSWORD", "p$ \"w"), ("PGPORT", "5432"), ("PGUSER", "o'brien")],
            (await ReadAsync(Shop)).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value)));
        Assert.Equal("Service default/shop-ro has no cluster IP", await RefusalAsync(Shop, readOnly: true));
    }

    [Fact]
    public async Task What_is_missing_is_named_with_what_to_do()
    {
        Assert.EndsWith("has no Databases: the operator is not installed there", await RefusalAsync(Shop), StringComparison.Ordinal);

        await InstallAsync("phase: Deploying, conditions: [{type: Ready, status: 'False', reason: WaitingForReplicas, message: 0/3 replicas are ready, lastTransitionTime: '2026-01-01T00:00:00Z'}]");
        Assert.Equal("there is no Database store in namespace blue (kubectl get databases -A lists all)", await RefusalAsync(new("blue", "store")));
        Assert.Equal(
            "Database default/shop is not ready: Deploying, 0/3 replicas are ready (kubectl wait --for=condition=Ready database/shop -n default waits for it)", await RefusalAsync(Shop));

        await InstallAsync("ready: true, secretName: shop-credentials, conditions: []");
        Assert.StartsWith("Secret default/shop-credentials is not there", await RefusalAsync(Shop), StringComparison.Ordinal);
        await _cluster.InstallAsync(Parts.Split("---")[0], Stop);
        Assert.StartsWith("Service default/shop is not there", await RefusalAsync(Shop), StringComparison.Ordinal);
        await _cluster.InstallAsync(Parts, Stop);
        await _cluster.Client.PatchAsync(new("", "v1", "Secret", "secrets", Namespaced: true), new("default", "shop-credentials"), PatchType.Merge, """{"data":{"dbname":null}}"""u8.ToArray(), cancellationToken: Stop);
        Assert.Equal("Secret default/shop-credentials has no dbname", await RefusalAsync(Shop));
    }

    [Fact]
    public void Without_psql_it_is_told_where_it_comes_from() =>
        Assert.Contains("apt-get install postgresql-client", Assert.Throws<CannotRunException>(() => Psql.Find("/nowhere:")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task The_help_teaches_what_it_does_and_how_to_do_it_by_hand()
    {
        await using var help = RunningProcess.Start(Path.Combine(AppContext.BaseDirectory, "capstan"), ["db", "connect", "--help"]);
        Assert.Equal(0, await help.ExitAsync(TimeSpan.FromSeconds(60), Stop));
        Assert.All((string[])["--namespace", "--read-only", "PGHOSTADDR=$(kubectl get service", "port-forward", "Exit code"], part => Assert.Contains(part, help.Out, StringComparison.Ordinal));
    }

    private Task<IReadOnlyDictionary<string, string>> ReadAsync(ObjectKey key, bool readOnly = false) => new ConnectionReading(_cluster.Client).ReadAsync(key, readOnly, Stop);

    private async Task<string> RefusalAsync(ObjectKey key, bool readOnly = false) => (await Assert.ThrowsAsync<CannotRunException>(() => ReadAsync(key, readOnly))).Message;

    /// <summary>The kinds, and Database shop with a status that somebody wrote.</summary>
    private async Task InstallAsync(string status)
    {
        await _cluster.InstallAsync(string.Join("\n---\n", DatabaseManifests.CustomResourceDefinitions), Stop);
        await _cluster.InstallAsync(
            "apiVersion: database.example.com/v1\nkind: Database\nmetadata: {name: shop}\nspec: {databaseName: shop, username: app, storage: {size: 1Gi}}", Stop);
        await _cluster.Client.PatchStatusAsync<Database>(Shop, Encoding.UTF8.GetBytes(YamlReader.ReadAll($"status: {{{status}}}", "test")[0]!.ToJsonString()), cancellationToken: Stop);
    }
}
