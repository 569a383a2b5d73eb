using System.Globalization;
using Capstan.Runtime.Tests.Scripted;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>A small collection with versions, lists in pages and watches, that fails whenever a random generator says so.</summary>
/// <remarks>One loop answers all requests; a watch is answered until the next fault, change of mind or end.</remarks>
internal sealed class FaultyServer(Random random) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (int Version, string Uid)> _objects = new(StringComparer.Ordinal);
    private readonly List<(int Version, string Event)> _log = [];
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _answering = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _serving = Task.CompletedTask;
    private int _version = 100;
    private int _oldest = 100;
    private int _uids;

    public ScriptedApiServer Server { get; } = new();

    /// <summary>In tenths: how often a request or a step of a watch fails.</summary>
    public int Faults { get; set; }

    public int FaultsDone { get; private set; }

    /// <summary>Name, uid and version of all objects.</summary>
    public string State
    {
        get
        {
            lock (_lock)
            {
                return string.Join(" ", _objects.Select(o => $"{o.Key}:{o.Value.Uid}:{o.Value.Version}"));
            }
        }
    }

    public void Start() => _serving = ServeAsync();

    public void Put(string name)
    {
        lock (_lock)
        {
            var isNew = !_objects.TryGetValue(name, out var old);
            _objects[name] = (++_version, isNew ? $"u{++_uids}" : old.Uid);
            Log_NeedsLock(isNew ? "ADDED" : "MODIFIED", name);
        }
    }

    public void Delete(string name)
    {
        lock (_lock)
        {
            if (_objects.TryGetValue(name, out var old))
            {
                _objects[name] = (++_version, old.Uid);
                Log_NeedsLock("DELETED", name);
                _objects.Remove(name);
            }
        }
    }

    /// <summary>Forgets the past: watches and pages from before are answered with 410.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            _oldest = ++_version;
            _log.Clear();
            Change_NeedsLock();
        }
    }

    /// <summary>Sends a bookmark to all watches, by an empty change.</summary>
    public void Bookmark()
    {
        lock (_lock)
        {
            _log.Add((++_version, WireText.Bookmark(_version)));
            Change_NeedsLock();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving;
        await Task.WhenAll(_answering);
        await Server.DisposeAsync();
        _end.Dispose();
    }

    private void Log_NeedsLock(string type, string name)
    {
        _log.Add((_version, WireText.Event(type, WireText.Object(name, _version, _objects[name].Uid))));
        Change_NeedsLock();
    }

    private void Change_NeedsLock()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private bool Fails(int oneOf = 1)
    {
        lock (_lock)
        {
            var fails = random.Next(10 * oneOf) < Faults;
            FaultsDone += fails ? 1 : 0;
            return fails;
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _answering.Add(AnswerAsync(await Server.TakeAsync(_end.Token)));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task AnswerAsync(ScriptedRequest request)
    {
        try
        {
            if (Fails())
            {
                await FailAsync(request);
            }
            else if (request.IsWatch)
            {
                await WatchAsync(request);
            }
            else
            {
                await ListAsync(request);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            request.Cut();
        }
    }

    private async Task FailAsync(ScriptedRequest request)
    {
        switch (random.Next(4))
        {
            case 0:
                await request.RefuseAsync(500, "InternalError");
                break;
            case 1:
                await request.RefuseAsync(429, "TooManyRequests", "slow", "Retry-After: 1");
                break;
            case 2:
                await request.RefuseAsync(410, "Expired");
                break;
            default:
                request.Cut();
                break;
        }
    }

    private async Task ListAsync(ScriptedRequest request)
    {
        string body;
        lock (_lock)
        {
            // A continue token is "version/last name"; pages are of two.
            var from = request.Query.TryGetValue("continue", out var token) ? token.Split('/') : ["" + _version, ""];
            if (from[0] != _version.ToString(CultureInfo.InvariantCulture))
            {
                // This server keeps no past versions of lists.
                body = "";
            }
            else
            {
                var left = _objects.Where(o => string.CompareOrdinal(o.Key, from[1]) > 0).ToList();
                var page = request.Query.ContainsKey("limit") ? left.Take(2).ToList() : left;
                var next = page.Count < left.Count ? $"{_version}/{page[^1].Key}" : "";
                body = WireText.Page(_version, next, [.. page.Select(o => WireText.Object(o.Key, o.Value.Version, o.Value.Uid))]);
            }
        }

        await (body.Length == 0 ? request.RefuseAsync(410, "Expired") : request.AnswerAsync(body));
    }

    private async Task WatchAsync(ScriptedRequest request)
    {
        var at = 0;
        var first = "";
        lock (_lock)
        {
            if (request.Query.ContainsKey("sendInitialEvents"))
            {
                at = _version;
                var shuffled = _objects.ToArray();
                random.Shuffle(shuffled);
                first = string.Concat(shuffled.Select(o => WireText.Event("ADDED", WireText.Object(o.Key, o.Value.Version, o.Value.Uid)))) + WireText.Bookmark(at, endsInitialEvents: true);
            }
            else
            {
                at = int.Parse(request.Query["resourceVersion"], CultureInfo.InvariantCulture);
            }
        }

        await request.BeginAsync();
        if (first.Length > 0)
        {
            if (Fails(2))
            {
                await request.SendAsync(first[..random.Next(first.Length)]);
                request.Cut();
                return;
            }

            await request.SendAsync(first);
        }

        while (true)
        {
            List<(int Version, string Event)> news;
            Task changed;
            bool isGone;
            lock (_lock)
            {
                isGone = at < _oldest;
                news = [.. _log.Where(l => l.Version > at)];
                changed = _changed.Task;
            }

            if (isGone)
            {
                await request.SendAsync(WireText.Error(410, "Expired"));
                await request.EndAsync();
                return;
            }

            foreach (var (version, text) in news)
            {
                if (Fails(3))
                {
                    await BreakAsync(request, text);
                    return;
                }

                await request.SendAsync(text);
                at = version;
            }

            await changed.WaitAsync(_end.Token);
        }
    }

    private async Task BreakAsync(ScriptedRequest request, string text)
    {
        switch (random.Next(4))
        {
            case 0:
                await request.EndAsync();
                break;
            case 1:
                await request.SendAsync(text[..random.Next(text.Length)]);
                await request.EndAsync();
                break;
            case 2:
                await request.SendAsync(WireText.Error(500, "InternalError"));
                await request.EndAsync();
                break;
            default:
                await request.SendAsync(text[..random.Next(text.Length)]);
                request.Cut();
                break;
        }
    }
}
