using Capstan.Watching;

namespace Capstan.Caching;

/// <summary>Keeps the objects of one kind in memory as the server has them, and tells of changes.</summary>
/// <remarks>
/// <para>Add indexes and handlers, then start <see cref="RunAsync"/> once. Handlers are called one change at a time, synchronously: they must be cheap and
/// must not throw (an exception is told by <see cref="Faulted"/>, and the other handlers are called).</para>
/// <para>A handler sees the cache at least as new as the change it is told of.</para>
/// </remarks>
public sealed class Informer
{
    private readonly KubeClient _client;
    private readonly ObjectStore _store;
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _filling = new();
    private readonly List<TaskCompletionSource> _asked = [], _served = [];
    private CancellationTokenSource? _follow;
    private volatile Exception? _lastError;
    private int _started;

    /// <summary>An informer of the objects of <paramref name="type"/> that <paramref name="options"/> select.</summary>
    public Informer(KubeClient client, ResourceType type, InformerOptions? options = null)
    {
        _client = client;
        Type = type;
        Options = options ?? new InformerOptions();
        _store = new ObjectStore(type, Options, client.Options.TimeProvider);
        _store.Faulted += e => Faulted?.Invoke(e);
    }

    /// <summary>Raised with each failure to list or watch, and with what a handler or an index threw, for logs. The informer goes on.</summary>
    public event Action<Exception>? Faulted;

    /// <summary>Kind of the objects.</summary>
    public ResourceType Type { get; }

    /// <summary>Scope of the objects.</summary>
    public InformerOptions Options { get; }

    /// <summary>Whether the cache holds the server's first state, told to all handlers.</summary>
    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    /// <summary>Why listing or watching does not work right now; null while it does.</summary>
    public Exception? LastError => _lastError;

    /// <summary>Version of the collection that the cache has; null before the first sync.</summary>
    public string? ResourceVersion => _store.ResourceVersion;

    /// <summary>Number of objects.</summary>
    public int Count => _store.View.Count;

    /// <summary>The objects without decoding.</summary>
    public ObjectCache<DynamicObject> Cache => new(_store, static o => o);

    /// <summary>The objects decoded as <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidOperationException">The informer is of another kind.</exception>
    public ObjectCache<T> CacheOf<T>()
        where T : KubeObject, IKubeObject<T> =>
        T.Resource.GroupVersionKind == Type.GroupVersionKind
            ? new(_store, static o => o.To<T>())
            : throw new InvalidOperationException($"the informer holds {Type.GroupVersionKind}, not {T.Resource.GroupVersionKind}");

    /// <summary>Indexes the objects by the values that <paramref name="values"/> gives for each.</summary>
    /// <param name="name">Name for queries, for example <c>spec.sourceNamespace</c>.</param>
    /// <param name="values">Any number of values; none leaves the object out. Must be pure.</param>
    /// <exception cref="InvalidOperationException">The informer runs already, or has an index of that name.</exception>
    public void AddIndex(string name, Func<DynamicObject, IEnumerable<string>> values)
    {
        RefuseIfStarted("an index");
        _store.AddIndex(name, values);
    }

    /// <summary>As the other, by a typed delegate; each object is decoded once more when it comes in.</summary>
    /// <exception cref="InvalidOperationException">The informer runs already, or has an index of that name.</exception>
    public void AddIndex<T>(string name, Func<T, IEnumerable<string>> values)
        where T : KubeObject, IKubeObject<T> =>
        AddIndex(name, o => values(o.To<T>()));

    /// <summary>Calls <paramref name="handler"/> for every change. Added while running, it is first told of every object that is there, and misses nothing after.</summary>
    public void AddHandler(Action<CacheChange> handler) => _store.AddHandler(handler);

    /// <summary>Lists and watches until cancelled. Call once.</summary>
    /// <exception cref="InvalidOperationException">It was called before.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException($"the informer of {Type.GroupResource} runs already");
        }

        _client.Written += OnWritten;
        _client.Gone += OnGone;
        try
        {
            while (true)
            {
                using var follow = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                BeginFill(follow);
                try
                {
                    await FollowAsync(follow.Token);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    // Other objects are wanted: list anew.
                }
                finally
                {
                    EndFill();
                }
            }
        }
        finally
        {
            _client.Written -= OnWritten;
            _client.Gone -= OnGone;
            _synced.TrySetCanceled(CancellationToken.None);
            CancelFills();
        }
    }

    /// <summary>Waits until the cache holds the server's first state.</summary>
    /// <exception cref="CacheSyncException">It did not within <see cref="InformerOptions.CacheSyncTimeout"/>; the message names the kind and the last reason.</exception>
    public async Task WaitForSyncAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _synced.Task.WaitAsync(Options.CacheSyncTimeout, _client.Options.TimeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new CacheSyncException(Type, Options.CacheSyncTimeout, LastError);
        }
    }

    /// <summary>From now on holds only the objects that <paramref name="keeps"/> wants. The others are let go, which is told to nobody: they are still there, for others.
    /// What is wanted and was not held before comes with the next change, or all of it with <see cref="RefillAsync"/>.</summary>
    /// <param name="keeps">Called for each object that comes, on the informer's thread; its answer may change, which takes effect with another call of this.</param>
    internal void Hold(Func<DynamicObject, bool> keeps) => _store.Hold(keeps);

    /// <summary>Lists anew, and returns when the cache holds everything that is wanted now, told to all handlers.</summary>
    /// <exception cref="OperationCanceledException">The informer has stopped.</exception>
    internal Task RefillAsync()
    {
        var filled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_filling)
        {
            _asked.Add(filled);
            _follow?.Cancel();
        }

        return filled.Task;
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var watcher = new Watcher(_client, Type, new WatcherOptions
        {
            Namespace = Options.Namespace,
            LabelSelector = Options.LabelSelector.ToString(),
            FieldSelector = Options.FieldSelector,
            WithoutManagedFields = Options.WithoutManagedFields,
            StreamingList = Options.StreamingList,
            MaxBackoff = Options.MaxBackoff,
            Keeps = _store.Keeps,
        });
        await foreach (var happened in watcher.RunAsync(cancellationToken))
        {
            _lastError = happened.Error;
            if (happened.Error is { } error)
            {
                Faulted?.Invoke(error);
            }

            _store.Take(happened);
            if (happened.Kind == WatchEventKind.Restarted)
            {
                _synced.TrySetResult();
                Filled();
            }
        }
    }

    private void BeginFill(CancellationTokenSource follow)
    {
        lock (_filling)
        {
            _follow = follow;
            _served.AddRange(_asked);
            _asked.Clear();
        }
    }

    private void EndFill()
    {
        lock (_filling)
        {
            _follow = null;
        }
    }

    /// <summary>A list that began after they asked has come in whole.</summary>
    private void Filled()
    {
        lock (_filling)
        {
            _served.ForEach(static one => one.TrySetResult());
            _served.Clear();
        }
    }

    private void CancelFills()
    {
        lock (_filling)
        {
            _served.Concat(_asked).ToList().ForEach(static one => one.TrySetCanceled(CancellationToken.None));
        }
    }

    private void OnWritten(ResourceType type, DynamicObject written)
    {
        if (type.GroupVersionKind == Type.GroupVersionKind)
        {
            _store.ObserveWrite(written);
        }
    }

    private void OnGone(ResourceType type, ObjectKey key, string? uid)
    {
        if (type.GroupVersionKind == Type.GroupVersionKind)
        {
            _store.ObserveDeletion(key, uid);
        }
    }

    private void RefuseIfStarted(string what)
    {
        if (Volatile.Read(ref _started) != 0)
        {
            throw new InvalidOperationException($"{what} must be added before the informer of {Type.GroupResource} runs");
        }
    }
}

/// <summary>An informer did not come to hold the server's state in time.</summary>
public sealed class CacheSyncException : Exception
{
    internal CacheSyncException(ResourceType type, TimeSpan timeout, Exception? reason)
        : base($"the cache of {type.GroupVersionKind} did not sync within {timeout.TotalSeconds:0.#} s: {reason?.Message ?? "the server has not answered"}", reason)
    {
        Type = type;
    }

    /// <summary>Kind of the cache.</summary>
    public ResourceType Type { get; }
}
