using System.Collections.Concurrent;
using Capstan;
using Capstan.Caching;
using Capstan.Selectors;
using KubeTemplater.Resources;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Drift;

/// <summary>What is known of the live objects that templates made: one watch for each kind in use, begun when the first object of a kind is made, ended some time after
/// the last is gone. Of each object a hash is held, not the object. Thread-safe.</summary>
internal sealed class LiveObjects(KubeClient client, KindsInUse kinds, LiveObjectsOptions options, ILogger logger, TimeProvider time)
{
    /// <summary>How long a kind that nobody uses any more is watched: who replaces a template by another should not pay for two lists.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<GroupVersionKind, KindWatch> _watches = new();
    private readonly SemaphoreSlim _changed = new(0);

    /// <summary>Kinds by whether they are watched.</summary>
    public (int Watched, int Starting, int Unwatchable) Count
    {
        get
        {
            var watches = _watches.Values;
            var (watched, unwatchable) = (watches.Count(watch => watch.IsWatching), watches.Count(watch => watch.IsUnwatchable && !watch.IsWatching));
            return (watched, watches.Count - watched - unwatchable, unwatchable);
        }
    }

    /// <summary>Kind of a recorded object.</summary>
    public static GroupVersionKind KindOf(ResourceStatus made) => new(made.Group, made.Version, made.Kind);

    /// <summary>Key of a recorded object.</summary>
    public static ObjectKey KeyOf(ResourceStatus made) => new(made.Namespace ?? "", made.Name);

    /// <summary>What is known of a recorded object.</summary>
    /// <param name="made">The record.</param>
    /// <param name="found">Null: it is not there, or not labelled as a template's.</param>
    /// <returns>False when nothing is known of it (yet).</returns>
    public bool TryFind(ResourceStatus made, out ObjectFingerprint? found)
    {
        found = null;
        return _watches.TryGetValue(KindOf(made), out var watch) && watch.TryFind(KeyOf(made), out found);
    }

    /// <summary>Reads a recorded object, if its kind cannot be watched.</summary>
    public Task ReadAsync(ResourceStatus made, CancellationToken cancellationToken) =>
        _watches.TryGetValue(KindOf(made), out var watch) ? watch.ReadAsync(KeyOf(made), cancellationToken) : Task.CompletedTask;

    /// <summary>The object was just applied: what was read of it is of the past.</summary>
    public void Forget(ResourceStatus made)
    {
        if (_watches.TryGetValue(KindOf(made), out var watch))
        {
            watch.Forget(KeyOf(made));
        }
    }

    /// <summary>Begins and ends watches as kinds come and go, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        kinds.Changed += Wake;
        try
        {
            while (true)
            {
                var wait = Adjust(cancellationToken);
                await WaitAsync(wait, cancellationToken);
            }
        }
        finally
        {
            kinds.Changed -= Wake;
            await Task.WhenAll(_watches.Values.Select(watch => watch.Ended));
            foreach (var kind in _watches.Keys)
            {
                End(kind);
            }
        }
    }

    private void Wake() => _changed.Release();

    /// <returns>When to look again even if nothing changes.</returns>
    private TimeSpan Adjust(CancellationToken cancellationToken)
    {
        var wanted = kinds.Now;
        var now = time.GetUtcNow();
        var wait = Timeout.InfiniteTimeSpan;
        foreach (var kind in wanted.Where(kind => !_watches.ContainsKey(kind)))
        {
            var watch = new KindWatch(client, kind, options, logger, time);
            _watches[kind] = watch;
            watch.Start(cancellationToken);
        }

        foreach (var (kind, watch) in _watches)
        {
            watch.UnusedSince = wanted.Contains(kind) ? null : watch.UnusedSince ?? now;
            if (watch.UnusedSince is not { } since)
            {
                continue;
            }

            var left = since + Grace - now;
            if (left <= TimeSpan.Zero)
            {
                Log.KindUnused(logger, kind.ToString());
                End(kind);
            }
            else if (wait == Timeout.InfiniteTimeSpan || left < wait)
            {
                wait = left;
            }
        }

        return wait;
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changed = _changed.WaitAsync(enough.Token);
        await Task.WhenAny(changed, Task.Delay(wait, time, enough.Token));
        await enough.CancelAsync();
        await changed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        while (_changed.Wait(0, CancellationToken.None))
        {
            // Changes that came together are one.
        }
    }

    private void End(GroupVersionKind kind)
    {
        if (_watches.TryRemove(kind, out var watch))
        {
            watch.Stop();
            _ = watch.Ended.ContinueWith(static (_, state) => ((KindWatch)state!).Dispose(), watch, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }
}

/// <summary>What is watched, and who is told.</summary>
/// <param name="Selector">Labels of the objects that count.</param>
/// <param name="Changed">Called with each change of our part of an object, and each of an object that is awaited.</param>
/// <param name="Synced">Called when all objects of a kind are known.</param>
/// <param name="IsAwaited">Whether somebody waits for any change of an object.</param>
internal sealed record LiveObjectsOptions(
    LabelSelector Selector,
    Action<GroupVersionKind, CacheChange> Changed,
    Action<GroupVersionKind> Synced,
    Func<GroupVersionKind, DynamicObject, bool> IsAwaited);
