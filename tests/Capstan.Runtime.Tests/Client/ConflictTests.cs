using Capstan.Runtime.Tests.Scripted;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

/// <summary>Trap 30: a change that another was faster than is made again of a fresh read, a few times, never in step.</summary>
public sealed class ConflictTests : IAsyncDisposable
{
    private static readonly ObjectKey Key = new("default", "a");

    private readonly ScriptedApiServer _server = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Trap30_a_change_is_made_again_of_what_the_server_has_now()
    {
        using var client = _server.Connect(_time);
        var changing = client.ChangeAsync<ConfigMap>(Key, map => map with { Data = new() { ["v"] = map.Data!["v"] + "!" } }, cancellationToken: Cancel);
        await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", 5, data: "old"));
        var put = await _server.NextAsync();
        Assert.Equal("PUT", put.Method);
        Assert.Contains("\"resourceVersion\":\"5\"", put.Body, StringComparison.Ordinal);
        await put.RefuseAsync(409, "Conflict");
        await _time.WaitForTimerAsync(TimeSpan.FromSeconds(1), Cancel);
        Assert.False(_server.HasRequest);
        _time.Advance(TimeSpan.FromSeconds(1));
        await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", 6, data: "new"));
        put = await _server.NextAsync();
        Assert.Contains("\"resourceVersion\":\"6\"", put.Body, StringComparison.Ordinal);
        Assert.Contains("new!", put.Body, StringComparison.Ordinal);

        // What the type does not name goes back as it came.
        Assert.Contains("\"managedFields\":[{\"manager\":\"m\"}]", put.Body, StringComparison.Ordinal);
        await put.AnswerAsync(WireText.Object("a", 7));
        Assert.Equal("7", (await changing)!.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Trap30_tries_end_and_their_waits_grow_and_differ()
    {
        using var client = _server.Connect(_time);
        var changing = client.ChangeAsync<ConfigMap>(Key, map => map with { Data = [] }, cancellationToken: Cancel);
        var waits = new List<TimeSpan>();
        for (var tries = 1; tries <= 5; tries++)
        {
            await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", tries));
            await (await _server.NextAsync()).RefuseAsync(409, "Conflict");
            if (tries < 5)
            {
                await _time.WaitForTimerAsync(TimeSpan.FromSeconds(1), Cancel);
                waits.Add(_time.NextTimer!.Value);
                _time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        Assert.True((await Assert.ThrowsAsync<ApiException>(() => changing)).IsConflict);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", waits.Select(wait => $"{wait.TotalMilliseconds:0.0} ms")));
        for (var i = 0; i < waits.Count; i++)
        {
            Assert.InRange(waits[i].TotalMilliseconds, 5 * Math.Pow(2, i), 15 * Math.Pow(2, i));
        }

        Assert.False(_server.HasRequest);
    }

    [Fact]
    public async Task Nothing_is_written_when_nothing_changes_or_nothing_is_wanted()
    {
        using var client = _server.Connect(_time);
        var same = client.ChangeAsync<ConfigMap>(Key, map => map with { Data = new(map.Data!) }, cancellationToken: Cancel);
        await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", 5));
        Assert.Equal("5", (await same)!.Metadata.ResourceVersion);
        var none = client.ChangeAsync<ConfigMap>(Key, _ => null, cancellationToken: Cancel);
        await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", 5));
        Assert.Null(await none);
        Assert.False(_server.HasRequest);
    }

    [Fact]
    public async Task Other_errors_end_it_at_once()
    {
        using var client = _server.Connect(_time);
        var changing = client.ChangeAsync<ConfigMap>(Key, map => map with { Data = [] }, cancellationToken: Cancel);
        await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", 5));
        await (await _server.NextAsync()).RefuseAsync(422, "Invalid");
        Assert.True((await Assert.ThrowsAsync<ApiException>(() => changing)).IsInvalid);
        Assert.False(_server.HasRequest);
    }
}
