using System.Net;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.Dashboard.Tests;
using Capstan.Testing;
using Databases.Resources;

namespace Databases.Tests.Dashboards;

/// <summary>The dashboard of a whole operator, as a browser asks for it; and the one for Grafana.</summary>
public sealed class DatabaseDashboardTests : IAsyncLifetime
{
    private const string Rules = "[{nonResourceURLs: [/dashboard], verbs: [get]}, {apiGroups: ['', apps], resources: [pods, statefulsets], verbs: [get, list]}]";

    private OperatorUnderTest _under = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _under = await OperatorUnderTest.StartAsync(new() { MetricsSecure = true, Dashboard = true });

    public ValueTask DisposeAsync() => _under.DisposeAsync();

    [Fact]
    public async Task Databases_are_told_with_servers_copies_and_what_they_lack_and_no_password_is()
    {
        await _under.NamespaceAsync("shops");
        var wanted = Given.Database(@namespace: "shops", replicas: 2);
        await _under.Client.CreateAsync(wanted, cancellationToken: Stop);
        await _under.Client.CreateAsync(
            new Backup { Metadata = new() { Name = "nightly", Namespace = "shops" }, Spec = new() { DatabaseRef = new() { Name = "shop" }, Schedule = "0 3 * * *" } }, cancellationToken: Stop);
        await _under.SeenAsync("shops", "shop", Phases.Ready);

        using var reader = await DashboardReader.StartAsync(_under.Cluster, _under.Operator, "reader", Rules);
        var overview = await Eventually.SeeAsync(
            "the Database and its Backup",
            _ => reader.DataAsync("overview"),
            page => (int)page["databases"]!["total"]! == 1 && (string?)page["databases"]!["items"]![0]!["facts"]!["phase"] == "Ready" && page["databases"]!["copies"]!["items"]!.AsArray() is [{ } copy] && (string?)copy["phase"] != "New",
            cancellationToken: Stop);
        Assert.Equal("database-operator", (string?)overview["source"]);
        Assert.Null(overview["templates"]);
        Assert.Equal("""{"Ready":1}""", overview["databases"]!["phases"]!.ToJsonString());
        var facts = overview["databases"]!["items"]![0]!["facts"]!.AsObject();
        facts.Remove("standbys");
        var expected = """{"namespace":"shops","name":"shop","phase":"Ready","ready":true,"replicas":2,"readyReplicas":2,"primary":"shop-0","image":"postgres:14","storage":"1Gi"}""";
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), facts), facts.ToJsonString());
        var copy = overview["databases"]!["copies"]!["items"]![0]!;
        Assert.Equal(("Backup", "nightly", "shop", "0 3 * * *"), ((string?)copy["kind"], (string?)copy["name"], (string?)copy["database"], (string?)copy["schedule"]));

        var detail = await reader.DataAsync("objects/Database/shops/shop");
        var servers = detail["tree"]![0]!;
        Assert.Equal(("StatefulSet", "2 of 2 ready"), ((string?)servers["kind"], (string?)servers["message"]));
        Assert.Equal(["shop-0", "shop-1"], servers["children"]!.AsArray().Select(pod => (string?)pod!["name"]).Order());
        Assert.StartsWith("primary", (string?)servers["children"]!.AsArray().Single(pod => (string?)pod!["name"] == "shop-0")!["message"], StringComparison.Ordinal);
        Assert.Equal(("Backup", "nightly"), ((string?)detail["tree"]![1]!["kind"], (string?)detail["tree"]![1]!["name"]));
        Assert.Equal("nightly", (string?)(await reader.DataAsync("objects/Backup/shops/nightly"))["name"]);

        using var secret = await reader.GetAsync("/dashboard/data/objects/Secret/shops/shop-credentials");
        Assert.Equal(HttpStatusCode.NotFound, secret.StatusCode);
        var type = new ResourceType("", "v1", "Secret", "secrets", Namespaced: true);
        foreach (var name in (string[])["shop-credentials", "shop-superuser"])
        {
            var stored = await _under.Client.GetAsync(type, new("shops", name), Stop);
            var encoded = (string)stored.ToJson()["data"]!["password"]!;
            Assert.DoesNotContain(encoded, reader.Seen, StringComparison.Ordinal);
            Assert.DoesNotContain(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(encoded)), reader.Seen, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_metric_that_Grafana_is_to_ask_for_is_on_the_page_of_the_operator()
    {
        await _under.NamespaceAsync("charted");
        await _under.Client.CreateAsync(Given.Database(@namespace: "charted"), cancellationToken: Stop);
        await _under.Client.CreateAsync(
            new Backup { Metadata = new() { Name = "nightly", Namespace = "charted" }, Spec = new() { DatabaseRef = new() { Name = "shop" }, Schedule = "0 3 * * *" } }, cancellationToken: Stop);
        await _under.SeenAsync("charted", "shop", Phases.Ready);

        // As after a run: without a copy there is nothing to tell of it.
        var copied = """{"status":{"backupTime":"2026-01-02T03:04:05Z","sizeBytes":4096,"backupCount":1}}"""u8.ToArray();
        await _under.Client.PatchAsync(Backup.Resource, new("charted", "nightly"), PatchType.Merge, copied, new() { Subresource = "status" }, Stop);
        var page = await Eventually.SeeAsync(
            "the copy on the page", _ => Task.FromResult(_under.Operator.RenderMetrics()), text => text.Contains("database_backup_size_bytes{", StringComparison.Ordinal), cancellationToken: Stop);
        var named = GrafanaFile.MetricsIn(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Dashboards", "grafana.json"), Stop));

        Assert.InRange(named.Count, 10, 100);
        Assert.Empty(named.Except(GrafanaFile.MetricsOn(page)));
    }
}
