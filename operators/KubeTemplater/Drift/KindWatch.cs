using System.Collections.Concurrent;
using System.Net;
using Capstan;
using Capstan.Caching;
using KubeTemplater.Templating;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Drift;

/// <summary>What is known of the live objects of one kind: from a watch, and where that is not to be had, from reading single objects.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class KindWatch(KubeClient client, GroupVersionKind kind, LiveObjectsOptions options, ILogger logger, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan _tryAgain = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ObjectKey, ObjectFingerprint?> _read = new();
    private volatile Informer? _synced;
    private volatile string? _whyNot;

    /// <summary>Since when nobody has objects of the kind; null while somebody has.</summary>
    public DateTimeOffset? UnusedSince { get; set; }

    /// <summary>Ends when it was stopped; never throws.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Whether the objects are known from a watch.</summary>
    public bool IsWatching => _synced is not null;

    /// <summary>Whether a watch is not to be had for now, so that objects must be read.</summary>
    public bool IsUnwatchable => _whyNot is not null;

    /// <summary>Begins to watch.</summary>
    /// <param name="stop">Ends it, as <see cref="Stop"/> does.</param>
    public void Start(CancellationToken stop) => Ended = RunAsync(stop);

    /// <summary>Ends the watch.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>What is known of an object.</summary>
    /// <param name="key">The object.</param>
    /// <param name="found">Null: it is not there, or not labelled as a template's.</param>
    /// <returns>False when nothing is known.</returns>
    public bool TryFind(ObjectKey key, out ObjectFingerprint? found)
    {
        if (_synced is { } informer)
        {
            found = informer.Fingerprints.Get(key);
            return true;
        }

        return _read.TryGetValue(key, out found);
    }

    /// <summary>Reads one object, where there is no watch.</summary>
    public async Task ReadAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (!IsUnwatchable || await FindTypeAsync(cancellationToken) is not { } type)
        {
            return;
        }

        try
        {
            var live = await client.FindAsync(type, key, cancellationToken);
            _read[key] = live is null ? null : new ObjectFingerprint(live.Key, live.Uid ?? "", live.ResourceVersion ?? "", OwnedPart.Of(live));
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            _read.TryRemove(key, out _);
        }
    }

    /// <summary>What was read of an object is of the past.</summary>
    public void Forget(ObjectKey key) => _read.TryRemove(key, out _);

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private async Task RunAsync(CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _stop.Token);
        try
        {
            while (true)
            {
                Say(await FollowAsync(either.Token));
                await Task.Delay(_tryAgain, time, either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end that was asked for.
        }
        finally
        {
            _synced = null;
        }
    }

    /// <summary>Watches until that turns out to be impossible.</summary>
    /// <returns>Why.</returns>
    private async Task<string> FollowAsync(CancellationToken cancellationToken)
    {
        if (await FindTypeAsync(cancellationToken) is not { } type)
        {
            return "the server does not serve it";
        }

        using var hopeless = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var why = "";
        var informer = new Informer(client, type, new()
        {
            LabelSelector = options.Selector,
            WithoutManagedFields = false,
            Fingerprint = OwnedPart.Of,
            TellsUnchanged = live => options.IsAwaited(kind, live),
        });
        using var handler = informer.AddHandler(change => options.Changed(kind, change));
        informer.Faulted += error =>
        {
            if (error is ApiException refused && (refused.IsForbidden || refused.IsNotFound || refused.Code == (int)HttpStatusCode.MethodNotAllowed))
            {
                why = error.Message;
                hopeless.Cancel();
            }
            else if (error is InvalidOperationException)
            {
                Log.ChangeNotSeen(logger, error.Message);
            }
        };
        var running = informer.RunAsync(hopeless.Token);
        try
        {
            await SyncedAsync(informer, hopeless.Token);
            _whyNot = null;
            _read.Clear();
            _synced = informer;
            Log.WatchingKind(logger, type.GroupResource.ToString(), informer.Count);
            options.Synced(kind);
            await running;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It is hopeless.
        }
        finally
        {
            _synced = null;
            await hopeless.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return why;
    }

    private static async Task SyncedAsync(Informer informer, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await informer.WaitForSyncAsync(cancellationToken);
                return;
            }
            catch (CacheSyncException)
            {
                // It goes on trying, and so does this.
            }
        }
    }

    private async Task<ResourceType?> FindTypeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await client.Discovery.FindAsync(kind, cancellationToken);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            return null;
        }
    }

    private void Say(string why)
    {
        if (_whyNot != why)
        {
            _whyNot = why;
            Log.KindUnwatched(logger, kind.ToString(), why);
        }
    }
}
