using Capstan.Client;
using Capstan.Runtime.Tests.Scripted;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

/// <summary>What goes over the wire with a request, and when.</summary>
public sealed class RequestTests : IAsyncDisposable
{
    private static readonly ObjectKey Key = new("default", "a");

    private readonly ScriptedApiServer _server = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task One_client_may_act_as_others_and_caches_see_what_they_write()
    {
        using var client = _server.Connect();
        var written = new List<string>();
        client.Written += (_, stored) => written.Add(stored.ResourceVersion!);
        var jane = client.As(new() { User = "jané", Uid = "7", Groups = ["g"] });
        var patching = jane.PatchAsync<ConfigMap>(Key, PatchType.Merge, "{}"u8.ToArray(), cancellationToken: Cancel);
        var request = await _server.NextAsync();
        Assert.Equal(("jané", "7", "g"), (request.Headers["Impersonate-User"], request.Headers["Impersonate-Uid"], request.Headers["Impersonate-Group"]));
        await request.AnswerAsync(WireText.Object("a", 5));
        await patching;
        jane.Dispose();
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        request = await _server.NextAsync();
        Assert.False(request.Headers.ContainsKey("Impersonate-User"));
        await request.AnswerAsync(WireText.Object("a", 5));
        await getting;
        Assert.Equal(["5"], written);

        client.WriteGate = () => false;
        await Assert.ThrowsAsync<InvalidOperationException>(() => jane.PatchAsync<ConfigMap>(Key, PatchType.Merge, "{}"u8.ToArray(), cancellationToken: Cancel));
        Assert.Throws<ArgumentException>(() => client.As(new() { User = "jane\r\nX-Admin: yes" }));
        Assert.Throws<ArgumentException>(() => client.As(new() { User = "jane", Extra = new Dictionary<string, IReadOnlyList<string>> { ["a"] = ["b\n"] } }));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a/b")]
    [InlineData("a%2fb")]
    public async Task A_name_that_would_make_the_path_of_something_else_is_not_sent(string name)
    {
        using var client = _server.Connect();
        await Assert.ThrowsAsync<ArgumentException>(() => client.DeleteAsync<ConfigMap>(new("default", name), cancellationToken: Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync<ConfigMap>(new(name, "a"), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => client.ListAsync<ConfigMap>(new() { Namespace = name }, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => client.DeleteCollectionAsync(ConfigMap.Resource, new() { Namespace = name }, cancellationToken: Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => client.CreateAsync(new ConfigMap { Metadata = new() { Name = "a", Namespace = name } }, cancellationToken: Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync(ConfigMap.Resource, Key, "..", Cancel));
        Assert.False(_server.HasRequest);
    }

    [Theory]
    [InlineData("op", "op/", true)]
    [InlineData("op/1", "op/1 (", true)]
    [InlineData("op/1 (mine)", "op/1 (mine)", false)]
    public void The_user_agent_begins_with_the_program_and_ends_with_the_library(string given, string begin, bool completed)
    {
        var text = UserAgent.Of(given);
        TestContext.Current.TestOutputHelper!.WriteLine(text);
        Assert.StartsWith(begin, text, StringComparison.Ordinal);
        Assert.Equal(completed, text.Contains(") capstan/", StringComparison.Ordinal));
        Assert.Contains(" capstan/", UserAgent.Of(null), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rate_holds_back_requests_and_their_tries_alike()
    {
        using var client = _server.Connect(_time, o => o with { QueriesPerSecond = 0.1, Burst = 2 });
        async Task<ConfigMap> GetAsync() => await client.GetAsync<ConfigMap>(Key, Cancel);
        var first = GetAsync();
        await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", 5));
        await first;
        var second = GetAsync();
        await (await _server.NextAsync()).RefuseAsync(429, "TooManyRequests", "no", "Retry-After: 1");
        await _time.WaitForTimerAsync(TimeSpan.FromSeconds(1.2), Cancel);
        _time.Advance(TimeSpan.FromSeconds(1.2));

        // The burst is spent: the second try waits for its place as any request would.
        await _time.WaitForTimerAsync(TimeSpan.FromSeconds(9), Cancel);
        Assert.False(_server.HasRequest);
        _time.Advance(TimeSpan.FromSeconds(9));
        await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", 5));
        await second;
    }

    [Fact]
    public async Task Places_in_the_row_are_kept_and_given_back()
    {
        var rate = new RequestRate(2, 3, _time);
        Assert.Equal([0, 0, 0, 0.5, 1], Enumerable.Range(0, 5).Select(_ => rate.Reserve().TotalSeconds));
        using var cancel = new CancellationTokenSource();
        var waiting = rate.WaitAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(1.5, rate.Reserve().TotalSeconds);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([0, 0, 0, 0.5], Enumerable.Range(0, 4).Select(_ => rate.Reserve().TotalSeconds));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RequestRate(double.NaN, 1, _time));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RequestRate(1, 0, _time));
    }

    [Fact]
    public async Task A_proxy_is_asked_for_the_server()
    {
        using var client = new KubeClient(new() { Server = new("http://server.invalid:8080"), ProxyUrl = _server.Url });
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        var request = await _server.NextAsync();
        Assert.Equal("http://server.invalid:8080/api/v1/namespaces/default/configmaps/a", request.Path);
        await request.AnswerAsync(WireText.Object("a", 5));
        await getting;
    }

    [Fact]
    public async Task A_user_with_password_is_told_as_basic_authentication()
    {
        using var client = new KubeClient(new() { Server = _server.Url, Username = "jane", Password = "sécret:x", Exec = new() { ApiVersion = "client.authentication.k8s.io/v1", Command = "/nowhere" } });
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        var request = await _server.NextAsync();
        Assert.Equal("Basic " + Convert.ToBase64String("jane:sécret:x"u8), request.Headers["Authorization"]);
        await request.AnswerAsync(WireText.Object("a", 5));
        await getting;
    }

    [Fact]
    public async Task Trap10_a_watch_outlives_the_timeout_of_requests()
    {
        using var client = _server.Connect(_time);
        var opening = client.OpenStreamAsync("/api/v1/configmaps?watch=true", null, "WATCH configmaps", Cancel);
        var request = await _server.NextAsync();
        await request.BeginAsync();
        using var response = await opening;
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
        _time.Advance(TimeSpan.FromHours(1));
        await request.SendAsync(WireText.Added("a", 5));
        Assert.Contains("ADDED", await lines.ReadLineAsync(Cancel), StringComparison.Ordinal);
        await request.EndAsync();
    }

    [Fact]
    public void Trap10_a_dead_connection_is_found_by_pings()
    {
        using var handler = ServerConnection.CreateHandler(new() { Server = _server.Url }, new(null, null, null, null));
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(15), HttpKeepAlivePingPolicy.Always), (handler.KeepAlivePingDelay, handler.KeepAlivePingTimeout, handler.KeepAlivePingPolicy));
        Assert.True(handler.EnableMultipleHttp2Connections);
    }

    [Fact]
    public async Task Trap12_a_date_to_come_again_is_waited_for_and_no_wait_at_all_is_not_believed()
    {
        using var client = _server.Connect(_time);
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        await (await _server.NextAsync()).RefuseAsync(503, "ServiceUnavailable", "later", $"Retry-After: {_time.GetUtcNow().AddSeconds(5):R}");
        await _time.WaitForTimerAsync(TimeSpan.FromSeconds(5.6), Cancel);
        Assert.False(_server.HasRequest);
        _time.Advance(TimeSpan.FromSeconds(5.6));
        await (await _server.NextAsync()).RefuseAsync(429, "TooManyRequests", "now", "Retry-After: 0");
        await _time.WaitForTimerAsync(TimeSpan.FromSeconds(0.2), Cancel);
        Assert.InRange(_time.NextTimer!.Value.TotalSeconds, 0.1, 0.2);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", 5));
        await getting;
    }

    [Theory]
    [InlineData("99999999999")]
    [InlineData("536870913")]
    public async Task A_body_longer_than_anything_is_refused_before_it_comes(string length)
    {
        using var client = _server.Connect(_time);
        var patching = client.PatchAsync<ConfigMap>(Key, PatchType.Merge, "{}"u8.ToArray(), cancellationToken: Cancel);
        await (await _server.NextAsync()).PromiseAsync(length);
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => patching);
        TestContext.Current.TestOutputHelper!.WriteLine(error.Message);
        Assert.StartsWith("PATCH configmaps default/a: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_asked_for_again_if_it_was_read_and_told_if_it_was_written()
    {
        using var client = _server.Connect();
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        await BreakOffAsync();
        await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", 5));
        await getting;
        var patching = client.PatchAsync<ConfigMap>(Key, PatchType.Merge, "{}"u8.ToArray(), cancellationToken: Cancel);
        await BreakOffAsync();
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => patching);
        TestContext.Current.TestOutputHelper!.WriteLine(error.Message);
        Assert.StartsWith("PATCH configmaps default/a: ", error.Message, StringComparison.Ordinal);
        Assert.False(_server.HasRequest);

        async Task BreakOffAsync()
        {
            var request = await _server.NextAsync();
            await request.BeginAsync();
            await request.SendAsync("{\"meta");
            request.Cut();
        }
    }
}
