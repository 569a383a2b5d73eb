using System.Globalization;
using Capstan.Runtime.Tests.Scripted;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>A small collection of labelled objects in namespaces, with versions, lists in pages and watches by namespace and label, that fails whenever a random
/// generator says so.</summary>
/// <remarks>One loop answers all requests; a watch is answered until the next fault, change of mind or end.</remarks>
internal sealed class FaultyServer(Random random) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Stored> _objects = new(StringComparer.Ordinal);
    private readonly List<Logged> _log = [];
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _answering = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _serving = Task.CompletedTask;
    private int _version = 100;
    private int _oldest = 100;
    private int _uids;

    private readonly record struct Stored(int Version, string Uid, string App);

    /// <param name="Version">Of the change.</param>
    /// <param name="Key">Namespace, slash and name; empty for a bookmark.</param>
    /// <param name="Uid">Of the object.</param>
    /// <param name="Before">Its label before; null: it was not there.</param>
    /// <param name="After">Its label now; null: it is gone.</param>
    private readonly record struct Logged(int Version, string Key, string Uid, string? Before, string? After);

    /// <summary>What a request selects.</summary>
    private readonly record struct Selection(string Prefix, string App)
    {
        public static Selection Of(ScriptedRequest request)
        {
            var path = request.Path.Split('/');
            return new(path.Length > 5 ? path[4] + "/" : "", request.Query.TryGetValue("labelSelector", out var label) ? label.Split('=')[1] : "");
        }

        public bool Has(string key, string? app) => app is not null && key.StartsWith(Prefix, StringComparison.Ordinal) && (App.Length == 0 || App == app);
    }

    public ScriptedApiServer Server { get; } = new();

    /// <summary>In tenths: how often a request or a step of a watch fails.</summary>
    public int Faults { get; set; }

    public int FaultsDone { get; private set; }

    /// <summary>Key, uid and version of all objects in these namespaces (none: all) with this label (empty: any).</summary>
    public string State(IReadOnlyList<string> namespaces, string app)
    {
        lock (_lock)
        {
            var selected = _objects.Where(o => (namespaces.Count == 0 || namespaces.Contains(o.Key.Split('/')[0])) && (app.Length == 0 || o.Value.App == app));
            return string.Join(" ", selected.Select(o => $"{o.Key}:{o.Value.Uid}:{o.Value.Version}"));
        }
    }

    public void Start() => _serving = ServeAsync();

    public void Put(string key, string app)
    {
        lock (_lock)
        {
            var isNew = !_objects.TryGetValue(key, out var old);
            _objects[key] = new(++_version, isNew ? $"u{++_uids}" : old.Uid, app);
            Log_NeedsLock(new(_version, key, _objects[key].Uid, isNew ? null : old.App, app));
        }
    }

    public void Delete(string key)
    {
        lock (_lock)
        {
            if (_objects.Remove(key, out var old))
            {
                Log_NeedsLock(new(++_version, key, old.Uid, old.App, null));
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
            Log_NeedsLock(new(++_version, "", "", null, null));
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

    private static string Wire(string key, int version, string uid, string app)
    {
        var (space, name) = (key.Split('/')[0], key.Split('/')[1]);
        return WireText.Object(name, version, uid).Replace("\"namespace\":\"default\"", $"\"namespace\":\"{space}\",\"labels\":{{\"app\":\"{app}\"}}", StringComparison.Ordinal);
    }

    /// <summary>What a watch is told of a change; null: nothing.</summary>
    private static string? Event(in Logged change, in Selection selection) => (selection.Has(change.Key, change.Before), selection.Has(change.Key, change.After)) switch
    {
        _ when change.Key.Length == 0 => WireText.Bookmark(change.Version),
        (false, true) => WireText.Event("ADDED", Wire(change.Key, change.Version, change.Uid, change.After!)),
        (true, true) => WireText.Event("MODIFIED", Wire(change.Key, change.Version, change.Uid, change.After!)),
        (true, false) => WireText.Event("DELETED", Wire(change.Key, change.Version, change.Uid, change.Before!)),
        _ => null,
    };

    private void Log_NeedsLock(in Logged change)
    {
        _log.Add(change);
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
        var selection = Selection.Of(request);
        lock (_lock)
        {
            // A continue token is "version|last key"; pages are of two.
            var from = request.Query.TryGetValue("continue", out var token) ? token.Split('|') : ["" + _version, ""];
            if (from[0] != _version.ToString(CultureInfo.InvariantCulture))
            {
                // This server keeps no past versions of lists.
                body = "";
            }
            else
            {
                var left = _objects.Where(o => selection.Has(o.Key, o.Value.App) && string.CompareOrdinal(o.Key, from[1]) > 0).ToList();
                var page = request.Query.ContainsKey("limit") ? left.Take(2).ToList() : left;
                var next = page.Count < left.Count ? $"{_version}|{page[^1].Key}" : "";
                body = WireText.Page(_version, next, [.. page.Select(o => Wire(o.Key, o.Value.Version, o.Value.Uid, o.Value.App))]);
            }
        }

        await (body.Length == 0 ? request.RefuseAsync(410, "Expired") : request.AnswerAsync(body));
    }

    private async Task WatchAsync(ScriptedRequest request)
    {
        var at = 0;
        var first = "";
        var selection = Selection.Of(request);
        lock (_lock)
        {
            if (request.Query.ContainsKey("sendInitialEvents"))
            {
                at = _version;
                var shuffled = _objects.Where(o => selection.Has(o.Key, o.Value.App)).ToArray();
                random.Shuffle(shuffled);
                first = string.Concat(shuffled.Select(o => WireText.Event("ADDED", Wire(o.Key, o.Value.Version, o.Value.Uid, o.Value.App)))) + WireText.Bookmark(at, endsInitialEvents: true);
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
            List<Logged> news;
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

            foreach (var change in news)
            {
                if (Event(change, selection) is not { } text)
                {
                    continue;
                }

                if (Fails(3))
                {
                    await BreakAsync(request, text);
                    return;
                }

                await SplitAsync(request, text);
                at = change.Version;
            }

            await changed.WaitAsync(_end.Token);
        }
    }

    /// <summary>Frames end anywhere.</summary>
    private async Task SplitAsync(ScriptedRequest request, string text)
    {
        while (text.Length > 1 && random.Next(3) == 0)
        {
            var part = random.Next(1, text.Length);
            await request.SendAsync(text[..part]);
            text = text[part..];
        }

        await request.SendAsync(text);
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
