using System.Text.Json;
using System.Text.Json.Nodes;
using Recordings.Tests.Comparing;

namespace Recordings.Tests.Wire;

/// <summary>Reads a watch in the background; the step that collects it waits for as many events as it wants.</summary>
internal sealed class BackgroundWatch : IAsyncDisposable
{
    // One event too many is a difference too.
    private static readonly TimeSpan Afterwards = TimeSpan.FromMilliseconds(150);

    private readonly CancellationTokenSource _stop = new();
    private readonly HttpResponseMessage _response;
    private readonly Task _reading;
    private readonly Lock _lock = new();
    private readonly List<JsonNode?> _events = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _over;

    private BackgroundWatch(HttpResponseMessage response)
    {
        _response = response;
        _reading = ReadAsync();
    }

    public static async Task<BackgroundWatch> StartAsync(ServerUnderTest server, JsonObject request, CancellationToken cancellationToken)
    {
        var get = (JsonObject)request.DeepClone();
        get["method"] = "GET";
        return new BackgroundWatch(await server.SendAsync(get, null, HttpCompletionOption.ResponseHeadersRead, cancellationToken));
    }

    /// <summary>All events since the watch began, once there are <paramref name="count"/> of them, or it ended, or time is up.</summary>
    public async Task<JsonObject> CollectAsync(int count, TimeSpan within, bool toEnd, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(within);
        while (Missing(count, toEnd) is { } more)
        {
            try
            {
                await more.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                break;
            }
        }

        if (!toEnd)
        {
            await Task.Delay(Afterwards, cancellationToken);
        }

        lock (_lock)
        {
            var collected = new JsonObject { ["code"] = (int)_response.StatusCode, ["events"] = new JsonArray([.. _events.Select(e => e?.DeepClone())]) };
            if (toEnd)
            {
                collected["ended"] = _over;
            }

            return collected;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _response.Dispose();
        _stop.Dispose();
    }

    private Task? Missing(int count, bool toEnd)
    {
        lock (_lock)
        {
            return !_over && (toEnd || _events.Count < count) ? _more.Task : null;
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            using var lines = new StreamReader(await _response.Content.ReadAsStreamAsync(_stop.Token));
            while (await lines.ReadLineAsync(_stop.Token) is { } line)
            {
                Tell(() => _events.Add(PythonJson.Parse(line)));
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException or OperationCanceledException)
        {
            // It ended, one way or another.
        }

        Tell(() => _over = true);
    }

    private void Tell(Action change)
    {
        lock (_lock)
        {
            change();
            var told = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            told.SetResult();
        }
    }
}
