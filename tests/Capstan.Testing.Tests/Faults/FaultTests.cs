using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Runtime.Tests;

namespace Capstan.Testing.Tests.Faults;

/// <summary>Each fault as a client sees it that knows nothing of it: a bare HTTP client.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private TestCluster _cluster = null!;
    private HttpClient _http = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(new TestClusterOptions { Controllers = false }, Stop);
        _http = BareClient.Of(_cluster);
        await CreateAsync("first");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Too_many_requests_come_with_a_time_to_wait_and_as_often_as_asked()
    {
        var rule = _cluster.Faults.Add(Fault.TooManyRequests(TimeSpan.FromSeconds(7)).On("create", "configmaps").Times(2));
        for (var i = 0; i < 2; i++)
        {
            using var refused = await PostAsync("a");
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(7), refused.Headers.RetryAfter!.Delta);
            var status = await JsonAsync(refused);
            Assert.Equal(("Status", "TooManyRequests", 7), ((string?)status["kind"], (string?)status["reason"], (int)status["details"]!["retryAfterSeconds"]!));
        }

        using var made = await PostAsync("a");
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal(2, rule.Injected);
        Assert.Equal(["create configmaps default", "create configmaps default"], _cluster.Faults.Injected.Select(f => $"{f.Verb} {f.Resource} {f.Namespace}"));
    }

    [Fact]
    public async Task The_nth_write_fails_and_does_nothing()
    {
        _cluster.Faults.Add(Fault.InternalError().On("write").Nth(3));
        var codes = new List<int>();
        for (var i = 1; i <= 4; i++)
        {
            using var answer = await PostAsync($"m{i}");
            codes.Add((int)answer.StatusCode);
        }

        Assert.Equal([201, 201, 500, 201], codes);
        Assert.Equal(["first", "m1", "m2", "m4"], await NamesAsync());
    }

    [Theory]
    [InlineData(503)]
    [InlineData(409)]
    [InlineData(418)]
    public async Task A_refusal_is_a_Status_with_its_code(int code)
    {
        _cluster.Faults.Add(code switch { 503 => Fault.Unavailable(), 409 => Fault.Conflict(), _ => Fault.Error(418, "Teapot", "no coffee") });
        using var refused = await _http.GetAsync(Maps, Stop);
        Assert.Equal(code, (int)refused.StatusCode);
        Assert.Equal(code, (int)(await JsonAsync(refused))["code"]!);
        Assert.Equal("application/json", refused.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_lost_answer_has_happened()
    {
        using (_cluster.Faults.Add(Fault.Reset().On("create")))
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => PostAsync("unheard"));
        }

        Assert.Contains("unheard", await NamesAsync());
    }

    [Fact]
    public async Task A_connection_breaks_in_the_middle_of_an_answer()
    {
        _cluster.Faults.Add(Fault.Reset(afterBytes: 100).On("list", "configmaps").Times(1));
        var seen = 0;
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var answer = await _http.GetAsync(Maps, HttpCompletionOption.ResponseHeadersRead, Stop);
            await using var body = await answer.Content.ReadAsStreamAsync(Stop);
            var buffer = new byte[16];
            while (await body.ReadAsync(buffer, Stop) is > 0 and var read)
            {
                seen += read;
            }
        });
        Assert.InRange(seen, 0, 100);
        Assert.Equal(["first"], await NamesAsync());
    }

    [Fact]
    public async Task A_list_is_refused_because_its_version_is_gone()
    {
        _cluster.Faults.Add(Fault.Expired().On("list"));
        using var refused = await _http.GetAsync(Maps, Stop);
        Assert.Equal((410, "Expired"), ((int)refused.StatusCode, (string?)(await JsonAsync(refused))["reason"]));
    }

    [Fact]
    public async Task A_watch_is_told_that_its_version_is_gone_and_ends()
    {
        _cluster.Faults.Add(Fault.Expired().On("watch"));
        var events = await WatchAsync("").ToListAsync(Stop);
        Assert.Equal(["ERROR 410"], events);
    }

    [Fact]
    public async Task Compaction_makes_older_versions_go_for_good()
    {
        await CreateAsync("second");
        var old = (string)(await JsonAsync(await _http.GetAsync(Maps + "/first", Stop)))["metadata"]!["resourceVersion"]!;
        _cluster.Compact();
        Assert.Equal(["ERROR 410"], await WatchAsync($"&resourceVersion={old}").ToListAsync(Stop));
    }

    [Fact]
    public async Task A_watch_ends_in_good_order_after_some_events()
    {
        await CreateAsync("second");
        _cluster.Faults.Add(Fault.EndWatch(afterEvents: 1).On("watch", "configmaps"));
        Assert.Equal(["ADDED first"], await WatchAsync("").ToListAsync(Stop));
    }

    [Fact]
    public async Task A_watch_breaks_off_without_an_end()
    {
        _cluster.Faults.Add(Fault.DropWatch(afterEvents: 1));
        await Assert.ThrowsAnyAsync<Exception>(async () => await WatchAsync("").ToListAsync(Stop));
        Assert.Equal("drop watch on * *", $"{Assert.Single(_cluster.Faults.Injected).Fault}");
    }

    [Fact]
    public async Task Watches_that_run_are_broken_now()
    {
        await using var watch = WatchAsync("").GetAsyncEnumerator(Stop);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(0, _cluster.Faults.DropWatches("secrets"));
        Assert.Equal(1, _cluster.Faults.DropWatches("configmaps"));
        await Assert.ThrowsAnyAsync<Exception>(async () => await watch.MoveNextAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(100_000)]
    public async Task Events_that_are_split_are_whole_in_the_end(int at)
    {
        await CreateAsync("second");
        _cluster.Faults.Add(Fault.SplitEvents(at));
        _cluster.Faults.Add(Fault.EndWatch(afterEvents: 2));
        Assert.Equal(["ADDED first", "ADDED second"], await WatchAsync("").ToListAsync(Stop));
    }

    [Fact]
    public async Task Reads_are_as_many_revisions_late_as_asked_and_never_older_than_the_client_allows()
    {
        for (var i = 0; i < 3; i++)
        {
            await CreateAsync($"m{i}");
        }

        using var rule = _cluster.Faults.Add(Fault.Stale(2).On("read", "configmaps"));
        Assert.Equal(["first", "m0"], await NamesAsync());
        using var missing = await _http.GetAsync(Maps + "/m2", Stop);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        using var there = await _http.GetAsync(Maps + "/m0", Stop);
        Assert.Equal(HttpStatusCode.OK, there.StatusCode);

        rule.Dispose();
        using var list = await _http.GetAsync(Maps, Stop);
        var current = (string)(await JsonAsync(list))["metadata"]!["resourceVersion"]!;
        using var again = _cluster.Faults.Add(Fault.Stale(2));
        Assert.Equal(["first", "m0", "m1", "m2"], await NamesAsync($"?resourceVersion={current}"));
    }

    [Fact]
    public async Task A_stale_watch_is_some_events_late_until_the_rule_goes()
    {
        var rule = _cluster.Faults.Add(Fault.Stale(2).On("watch", "configmaps"));
        await using var watch = WatchAsync("").GetAsyncEnumerator(Stop);
        await CreateAsync("m0");
        await CreateAsync("m1");
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal("ADDED first", watch.Current);
        var next = watch.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        rule.Dispose();
        Assert.True(await next);
        Assert.Equal("ADDED m0", watch.Current);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal("ADDED m1", watch.Current);
        await CreateAsync("m2");
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal("ADDED m2", watch.Current);
    }

    [Fact]
    public async Task A_delay_is_one_of_the_servers_clock()
    {
        var time = new ManualTime();
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Controllers = false, ApiServer = new() { Clock = time } }, Stop);
        using var http = BareClient.Of(cluster);
        using var rule = cluster.Faults.Add(Fault.Delay(TimeSpan.FromMinutes(5)).On("get"));
        var answer = http.GetAsync("/api/v1/namespaces/default", Stop);
        await Eventually.SeeAsync("the request to wait", _ => Task.FromResult(rule.Injected), injected => injected == 1, cancellationToken: Stop);
        Assert.False(answer.IsCompleted);
        await Eventually.SeeAsync("its end", _ => { time.Advance(TimeSpan.FromMinutes(5)); return Task.FromResult(answer.IsCompleted); }, done => done, cancellationToken: Stop);
        Assert.Equal(HttpStatusCode.OK, (await answer).StatusCode);
    }

    [Fact]
    public async Task The_servers_clock_jumps()
    {
        _cluster.Faults.JumpClock(TimeSpan.FromDays(-400));
        using var made = await PostAsync("old");
        var created = DateTimeOffset.Parse((string)(await JsonAsync(made))["metadata"]!["creationTimestamp"]!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(TimeProvider.System.GetUtcNow() - created, TimeSpan.FromDays(399), TimeSpan.FromDays(401));
    }

    [Fact]
    public async Task A_rule_is_for_whom_it_says()
    {
        _cluster.Faults.Add(Fault.Unavailable().On("get,delete", "configmaps").In("default").Named("first").From("bare"));
        Assert.Equal(503, await CodeAsync(Maps + "/first"));
        Assert.Equal(404, await CodeAsync(Maps + "/other"));
        Assert.Equal(200, await CodeAsync(Maps));
        Assert.Equal(404, await CodeAsync("/api/v1/namespaces/default/secrets/first"));
        Assert.Equal(404, await CodeAsync("/api/v1/namespaces/kube-system/configmaps/first"));
        Assert.Equal(200, await CodeAsync("/readyz"));
        using var other = BareClient.Of(_cluster, "other/1.0");
        using var spared = await other.GetAsync(Maps + "/first", Stop);
        Assert.Equal(HttpStatusCode.OK, spared.StatusCode);
        _cluster.Faults.Clear();
        Assert.Equal(200, await CodeAsync(Maps + "/first"));
    }

    [Fact]
    public async Task Chance_is_the_same_for_the_same_seed()
    {
        var seen = new List<string>();
        foreach (var seed in (int[])[7, 7, 8])
        {
            await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Controllers = false, FaultSeed = seed }, Stop);
            cluster.Faults.Add(Fault.Unavailable().On("get", "namespaces").WithProbability(0.5));
            using var http = BareClient.Of(cluster);
            var codes = new StringBuilder();
            for (var i = 0; i < 40; i++)
            {
                using var answer = await http.GetAsync("/api/v1/namespaces/default", Stop);
                codes.Append(answer.IsSuccessStatusCode ? '.' : 'x');
            }

            seen.Add(codes.ToString());
        }

        Assert.Equal(seen[0], seen[1]);
        Assert.NotEqual(seen[0], seen[2]);
        Assert.InRange(seen[0].Count(c => c == 'x'), 8, 32);
    }

    private async Task<int> CodeAsync(string path)
    {
        using var answer = await _http.GetAsync(path, Stop);
        return (int)answer.StatusCode;
    }

    private Task<HttpResponseMessage> PostAsync(string name) =>
        _http.PostAsync(Maps, new StringContent($$$"""{"metadata":{"name":"{{{name}}}"}}""", Encoding.UTF8, "application/json"), Stop);

    private async Task CreateAsync(string name)
    {
        using var made = await PostAsync(name);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
    }

    private async Task<IReadOnlyList<string>> NamesAsync(string query = "")
    {
        using var list = await _http.GetAsync(Maps + query, Stop);
        return [.. (await JsonAsync(list))["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!)];
    }

    private async IAsyncEnumerable<string> WatchAsync(string query)
    {
        using var answer = await _http.GetAsync($"{Maps}?watch=1{query}", HttpCompletionOption.ResponseHeadersRead, Stop);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        while (await lines.ReadLineAsync(Stop) is { } line)
        {
            var told = JsonNode.Parse(line)!;
            var what = told["object"]!;
            yield return $"{told["type"]} {what["metadata"]?["name"] ?? what["code"]}";
        }
    }

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!;
}
