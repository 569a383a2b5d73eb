using System.Net;
using Capstan.Runtime.Tests.Scripted;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

/// <summary>Trap 11: a connection takes a hundred streams, and servers send clients away as a matter of course.</summary>
public sealed class Http2Tests
{
    private static readonly ObjectKey Key = new("default", "a");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Trap11_what_a_connection_refused_unseen_is_sent_again_reads_and_writes_alike(bool byGoAway)
    {
        var manner = byGoAway ? Http2Server.Manner.TurnAway : Http2Server.Manner.RefuseStream;
        await using var server = new Http2Server(manner, manner);
        using var client = Connect(server);
        Assert.Equal("a", (await client.GetAsync<ConfigMap>(Key, Cancel)).Metadata.Name);
        Assert.Equal("a", (await client.PatchAsync<ConfigMap>(Key, PatchType.Merge, "{}"u8.ToArray(), cancellationToken: Cancel)).Metadata.Name);
        TestContext.Current.TestOutputHelper!.WriteLine($"{server.Connections} connections, {server.Answered} answers");
        Assert.Equal(2, server.Answered);
    }

    [Fact]
    public async Task Trap11_a_connection_that_takes_no_more_ends_its_requests_and_the_next_go_over_another()
    {
        await using var server = new Http2Server(Http2Server.Manner.AnswerAndGoAway, Http2Server.Manner.Answer, Http2Server.Manner.AnswerAndGoAway);
        using var client = Connect(server);
        for (var i = 0; i < 5; i++)
        {
            await client.PatchAsync<ConfigMap>(Key, PatchType.Merge, "{}"u8.ToArray(), cancellationToken: Cancel);
        }

        Assert.Equal((5, 3), (server.Answered, server.Connections));
    }

    [Fact]
    public async Task Trap11_more_watches_than_a_connection_takes_and_requests_go_on_beside_them()
    {
        await using var cluster = await TestCluster.StartAsync(new() { Controllers = false }, Cancel);
        var watches = new List<HttpResponseMessage>();
        for (var i = 0; i < 250; i++)
        {
            watches.Add(await cluster.Client.OpenStreamAsync("/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=60", null, "WATCH", Cancel));
        }

        Assert.All(watches, watch => Assert.Equal(HttpVersion.Version20, watch.Version));
        await cluster.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = "a", Namespace = "default" } }, cancellationToken: Cancel);
        foreach (var watch in watches)
        {
            using var lines = new StreamReader(await watch.Content.ReadAsStreamAsync(Cancel));
            string? line;
            do
            {
                line = await lines.ReadLineAsync(Cancel);
            }
            while (line is not null && !line.Contains("\"name\":\"a\"", StringComparison.Ordinal));
            Assert.NotNull(line);
            watch.Dispose();
        }
    }

    private static KubeClient Connect(Http2Server server) => new(server.Config, new() { HttpVersion = HttpVersion.Version20 });
}
