using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Http;

public sealed class ManyWatchesTests(TestServer server) : IClassFixture<TestServer>
{
    private const int Watches = 1000;

    [Fact]
    public async Task A_thousand_watches_at_once_each_see_every_change_once_and_in_order()
    {
        var ns = await server.NamespaceAsync();
        var configMaps = $"{ns}/configmaps";
        var from = (await server.SendAsync(HttpMethod.Post, configMaps, """{"metadata":{"name":"first","labels":{"half":"0"}}}""")).Version;

        // Every second one sees one half of the objects alone.
        string[] queries = ["", "&labelSelector=half%3D0", "", "&labelSelector=half%3D1"];
        var watches = await Task.WhenAll(Enumerable.Range(0, Watches).Select(async i => (
            Query: queries[i % queries.Length],
            Reader: await OpenAsync($"{configMaps}?watch=1&resourceVersion={from}{queries[i % queries.Length]}"))));
        var expected = queries.Distinct().ToDictionary(query => query, _ => new List<string>());
        for (var i = 0; i < 40; i++)
        {
            await server.SendAsync(HttpMethod.Post, configMaps, $$$$"""{"metadata":{"name":"c{{{{i}}}}","labels":{"half":"{{{{i % 2}}}}"}}}""");
            await server.PatchAsync($"{configMaps}/c{i}", TestServer.MergePatch, """{"data":{"k":"v"}}""");
            await server.SendAsync(HttpMethod.Delete, $"{configMaps}/c{i}");
            foreach (var query in (string[])["", $"&labelSelector=half%3D{i % 2}"])
            {
                expected[query].AddRange([$"ADDED c{i}", $"MODIFIED c{i}", $"DELETED c{i}"]);
            }
        }

        // Both halves see the end.
        foreach (var half in (int[])[0, 1])
        {
            await server.SendAsync(HttpMethod.Post, configMaps, $$$$"""{"metadata":{"name":"end{{{{half}}}}","labels":{"half":"{{{{half}}}}"}}}""");
            expected[$"&labelSelector=half%3D{half}"].Add($"ADDED end{half}");
            expected[""].Add($"ADDED end{half}");
        }

        var seen = await Task.WhenAll(watches.Select(async watch => (watch.Query, Events: await ReadAsync(watch.Reader, expected[watch.Query].Count))));
        Assert.All(seen, watch => Assert.Equal(expected[watch.Query], watch.Events));
        Assert.Equal(Watches, seen.Length);
        foreach (var watch in watches)
        {
            watch.Reader.Dispose();
        }
    }

    private async Task<StreamReader> OpenAsync(string path)
    {
        // Some hundred streams share a connection.
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var response = await server.Many.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<List<string>> ReadAsync(StreamReader reader, int count)
    {
        var events = new List<string>(count);
        while (events.Count < count && await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            var next = JsonNode.Parse(line)!;
            events.Add($"{(string?)next["type"]} {(string?)next["object"]!["metadata"]!["name"]}");
        }

        return events;
    }
}
