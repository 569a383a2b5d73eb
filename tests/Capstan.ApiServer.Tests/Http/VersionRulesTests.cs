using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace Capstan.ApiServer.Tests.Http;

/// <summary>What resourceVersion, resourceVersionMatch, limit, continue and sendInitialEvents come to in every combination, as a Kubernetes answered
/// (<c>version-rules.txt</c>, made by <c>make-version-rules.py</c>).</summary>
public sealed partial class VersionRulesTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Every_combination_is_answered_as_Kubernetes_answers_it()
    {
        var ns = (await server.NamespaceAsync()).Replace("/api/v1", "/apis/coordination.k8s.io/v1", StringComparison.Ordinal);
        var leases = $"{ns}/leases";
        var old = (await server.SendAsync(HttpMethod.Post, leases, """{"metadata":{"name":"r1"}}""")).Version;
        var now = (await server.SendAsync(HttpMethod.Post, leases, """{"metadata":{"name":"r2"}}""")).Version;
        var token = (string)(await server.GetAsync($"{leases}?limit=1")).Json["metadata"]!["continue"]!;
        string Filled(string query, string patience) => query.Replace("{old}", old, StringComparison.Ordinal).Replace("{now}", now, StringComparison.Ordinal)
            .Replace("{ahead}", $"{now}000", StringComparison.Ordinal).Replace("{token}", token, StringComparison.Ordinal).Replace("{patience}", patience, StringComparison.Ordinal);
        var table = Table().ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToList();
        var differing = new List<string>();
        await Parallel.ForEachAsync(table, new ParallelOptions { MaxDegreeOfParallelism = 200, CancellationToken = TestContext.Current.CancellationToken }, async (line, stop) =>
        {
            // A watch tells nothing when it is over before its first event was written: on a busy machine it gets more time.
            var told = await AskAsync(Filled(line[0], "2"), stop);
            if (told != line[1] && (told = await AskAsync(Filled(line[0], "20"), stop)) != line[1])
            {
                lock (differing)
                {
                    differing.Add($"{line[0]}\n  {told}\n  and Kubernetes: {line[1]}");
                }
            }
        });
        Assert.Equal(672, table.Count);
        Assert.True(differing.Count == 0, string.Join('\n', differing.Order(StringComparer.Ordinal)));

        async Task<string> AskAsync(string query, CancellationToken stop)
        {
            using var answer = await server.Many.GetAsync($"{leases}?{query}", stop);
            var body = await answer.Content.ReadAsStringAsync(stop);
            return query.StartsWith("watch", StringComparison.Ordinal) ? OfWatch((int)answer.StatusCode, body) : OfList((int)answer.StatusCode, body);
        }
    }

    private static string OfList(int code, string body)
    {
        var answer = JsonNode.Parse(body)!;
        if (code != 200)
        {
            return Error(answer);
        }

        var names = string.Join(",", answer["items"]!.AsArray().Select(item => (string?)item!["metadata"]!["name"]));
        var metadata = answer["metadata"]!;
        return $"200 {names} continue={(string.IsNullOrEmpty((string?)metadata["continue"]) ? "no" : "yes")} remaining={metadata["remainingItemCount"]?.ToString() ?? "-"}";
    }

    private static string OfWatch(int code, string body)
    {
        if (code != 200)
        {
            return Error(JsonNode.Parse(body)!);
        }

        var told = new StringBuilder("200");
        foreach (var line in body.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (type, obj) = ((string?)JsonNode.Parse(line)!["type"], JsonNode.Parse(line)!["object"]!);
            told.Append(type switch
            {
                "ERROR" => $" ERROR {Error(obj)}",
                "BOOKMARK" => obj["metadata"]!["annotations"] is null ? "" : " END",
                _ => $" {type} {(string?)obj["metadata"]!["name"]}",
            });
        }

        return told.ToString();
    }

    private static string Error(JsonNode status)
    {
        var fields = (status["details"]?["causes"] as JsonArray ?? []).Select(cause => $" [{(string?)cause!["field"]}]");
        return $"{status["code"]} {(string?)status["reason"]}: {Numbers().Replace((string)status["message"]!, "#")}{string.Concat(fields)}";
    }

    [GeneratedRegex(@"\d{2,}")]
    private static partial Regex Numbers();

    private static StreamReader Table() => new(typeof(VersionRulesTests).Assembly.GetManifestResourceStream("version-rules.txt")!);
}
