using Capstan.Runtime.Tests.Scripted;
using Capstan.Watching;
using Xunit;

namespace Capstan.Runtime.Tests.Watching;

/// <summary>A watcher of config maps at a scripted server, told step by step.</summary>
internal sealed class WatcherRun : IAsyncDisposable
{
    private readonly KubeClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly IAsyncEnumerator<WatchEvent> _events;

    public WatcherRun(ManualTime? time = null, WatcherOptions? options = null)
    {
        _client = Server.Connect(time);
        options ??= new WatcherOptions { StreamingList = false };
        _events = new Watcher(_client, ConfigMap.Resource, options).RunAsync(_end.Token).GetAsyncEnumerator(_end.Token);
    }

    public ScriptedApiServer Server { get; } = new();

    /// <summary>The next event; call before answering the request that brings it.</summary>
    public async Task<WatchEvent> NextAsync()
    {
        Assert.True(await _events.MoveNextAsync().AsTask().WaitAsync(ScriptedApiServer.Patience, TestContext.Current.CancellationToken));
        TestContext.Current.TestOutputHelper!.WriteLine($"{_events.Current.Kind} {_events.Current.Object} {_events.Current.ResourceVersion} {_events.Current.Error?.Message}");
        return _events.Current;
    }

    /// <summary>Lists nothing at version 10 and opens the watch that follows.</summary>
    public async Task<ScriptedRequest> StartAsync(params string[] items)
    {
        var restarted = NextAsync();
        await (await Server.NextAsync()).AnswerAsync(WireText.List(10, items));
        Assert.Equal(WatchEventKind.Restarted, (await restarted).Kind);
        Pending = NextAsync();
        var watch = await Server.NextAsync();
        Assert.Equal("10", watch.Query["resourceVersion"]);
        await watch.BeginAsync();
        return watch;
    }

    /// <summary>The event that <see cref="StartAsync"/> waits for.</summary>
    public Task<WatchEvent> Pending { get; set; } = Task.FromResult(default(WatchEvent));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        try
        {
            await Pending;
            while (await _events.MoveNextAsync())
            {
            }
        }
        catch (OperationCanceledException)
        {
        }

        await _events.DisposeAsync();
        _client.Dispose();
        await Server.DisposeAsync();
        _end.Dispose();
    }
}
