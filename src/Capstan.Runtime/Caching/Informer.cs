using Capstan.Watching;

namespace Capstan.Caching;

/// <summary>Keeps the objects of one kind in memory as the server has them, and tells of changes.</summary>
/// <remarks>
/// <para>Add indexes and handlers, then start <see cref="RunAsync"/> once. A handler is called for one change at a time, and sees the cache at least as new as the
/// change that it is told of. Handlers do not wait for each other, nor does the cache for them: for one that is slow, changes of one object become one, from before
/// the first to after the last. What a handler throws is told by <see cref="Faulted"/>.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed class Informer
{
    private readonly KubeClient _client;
    private readonly CacheScope _scope;
    private readonly CacheParts _parts;
    private readonly IInformerStore _store;
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Refills _refills = new();
    private int _started;
    private bool _isFilled;
    private CancellationToken _stop;

    /// <summary>An informer of the objects of <paramref name="type"/> that <paramref name="options"/> select.</summary>
    /// <exception cref="ArgumentException">The options contradict each other or the kind.</exception>
    public Informer(KubeClient client, ResourceType type, InformerOptions? options = null)
    {
        _client = client;
        Type = type;
        Options = options ?? new InformerOptions();
        _scope = new CacheScope(type, Options);
        _parts = new CacheParts(_scope);
        _store = Options.Fingerprint is { } fingerprint
            ? new FingerprintStore(type, fingerprint, Options.TellsUnchanged, _scope, _parts)
            : new ObjectStore(type, Options, _scope, _parts, client.Options.TimeProvider);
        _store.Faulted += e => Faulted?.Invoke(e);
    }

    /// <summary>Raised with each failure to list or watch, and with what a handler, an index or a transform threw, for logs. The informer goes on.</summary>
    public event Action<Exception>? Faulted;

    /// <summary>Kind of the objects.</summary>
    public ResourceType Type { get; }

    /// <summary>Scope of the objects.</summary>
    public InformerOptions Options { get; }

    /// <summary>Scope of the objects in words, for example <c>namespaces shop, tools, labels tier=front</c>.</summary>
    public string Scope => _scope.ToString();

    /// <summary>Whether the cache holds the server's first state, and all handlers took it.</summary>
    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    /// <summary>Done once <see cref="HasSynced"/>; cancelled when the informer ends before.</summary>
    internal Task Synced => _synced.Task;

    /// <summary>Why listing or watching does not work right now; null while it does.</summary>
    public Exception? LastError => _parts.Error;

    /// <summary>Version of the collection that the cache has, the oldest if several namespaces are watched; null before the first sync.</summary>
    public string? ResourceVersion => _parts.Version;

    /// <summary>How long ago the server last told anything of the objects (a list, an event or a bookmark), of several namespaces the longest; null before the first list.</summary>
    /// <remarks>A server sends a bookmark about once a minute even where nothing changes, so a longer silence means that what is held may be of the past: the connection
    /// may be cut without a word. That a watch was opened again says nothing yet.</remarks>
    public TimeSpan? Silence => _parts.HeardAt is { } at ? _client.Options.TimeProvider.GetElapsedTime(at) : null;

    /// <summary>Number of objects.</summary>
    public int Count => _store.Count;

    /// <summary>Keys of what is held, whole or as fingerprints.</summary>
    internal IReadOnlyList<ObjectKey> Keys => _store is FingerprintStore fingerprints ? [.. fingerprints.List().Select(static one => one.Key)] : Cache.Keys;

    /// <summary>The objects without decoding.</summary>
    /// <exception cref="InvalidOperationException">The informer keeps fingerprints only.</exception>
    public ObjectCache<DynamicObject> Cache => new(Objects, static o => o);

    /// <summary>The fingerprints of the objects.</summary>
    /// <exception cref="InvalidOperationException">The informer keeps objects.</exception>
    public FingerprintCache Fingerprints => new(_store as FingerprintStore
        ?? throw new InvalidOperationException($"the informer of {Type.GroupResource} keeps objects, not fingerprints"));

    private ObjectStore Objects => _store as ObjectStore
        ?? throw new InvalidOperationException($"the informer of {Type.GroupResource} keeps fingerprints only; read the object through the client");

    /// <summary>The objects decoded as <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidOperationException">The informer is of another kind, or keeps less than objects.</exception>
    public ObjectCache<T> CacheOf<T>()
        where T : KubeObject, IKubeObject<T> =>
        T.Resource.GroupVersionKind != Type.GroupVersionKind ? throw new InvalidOperationException($"the informer holds {Type.GroupVersionKind}, not {T.Resource.GroupVersionKind}")
            : Options.MetadataOnly ? throw new InvalidOperationException($"the informer of {Type.GroupResource} keeps metadata only; read Cache")
            : new(Objects, static o => o.To<T>());

    /// <summary>Indexes the objects by the values that <paramref name="values"/> gives for each.</summary>
    /// <param name="name">Name for queries, for example <c>spec.sourceNamespace</c>.</param>
    /// <param name="values">Any number of values; an empty text is a value like others, none leaves the object out. Must be pure.</param>
    /// <exception cref="InvalidOperationException">The informer runs already, or has an index of that name.</exception>
    public void AddIndex(string name, Func<DynamicObject, IEnumerable<string>> values)
    {
        RefuseIfStarted("an index");
        Objects.AddIndex(name, values);
    }

    /// <summary>As the other, by a typed delegate; each object is decoded once more when it comes in.</summary>
    /// <exception cref="InvalidOperationException">The informer runs already, or has an index of that name.</exception>
    public void AddIndex<T>(string name, Func<T, IEnumerable<string>> values)
        where T : KubeObject, IKubeObject<T> =>
        AddIndex(name, o => values(o.To<T>()));

    /// <summary>Calls <paramref name="handler"/> for every change. Added while running, it is first told of every object that is there, and misses nothing after.</summary>
    /// <returns>Tells how far the handler is, and removes it; may be ignored.</returns>
    public HandlerRegistration AddHandler(Action<CacheChange> handler) => _store.AddHandler(handler);

    /// <summary>Lists and watches until cancelled. Call once.</summary>
    /// <exception cref="InvalidOperationException">It was called before.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException($"the informer of {Type.GroupResource} runs already");
        }

        _stop = cancellationToken;
        _client.Written += OnWritten;
        _client.Gone += OnGone;
        try
        {
            while (true)
            {
                using var lists = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                _refills.Begin(lists, _parts.All.Count);
                try
                {
                    await Task.WhenAll([.. _parts.All.Select(part => FollowAsync(part, lists.Token)), ResyncAsync(lists.Token)]);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    // Other objects are wanted: list anew.
                }
                finally
                {
                    _refills.End();
                }
            }
        }
        finally
        {
            _refills.Cancel();
            _client.Written -= OnWritten;
            _client.Gone -= OnGone;
            _synced.TrySetCanceled(CancellationToken.None);
            (_store as IDisposable)?.Dispose();
        }
    }

    /// <summary>Waits until the cache holds the server's first state, and all handlers took it.</summary>
    /// <exception cref="CacheSyncException">It did not within <see cref="InformerOptions.CacheSyncTimeout"/>; the message names the kind and the last reason.</exception>
    public async Task WaitForSyncAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _synced.Task.WaitAsync(Options.CacheSyncTimeout, _client.Options.TimeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new CacheSyncException(Type, Scope, Options.CacheSyncTimeout, LastError, Volatile.Read(ref _isFilled));
        }
    }

    /// <summary>From now on holds only the objects that <paramref name="keeps"/> wants. The others are let go, which is told to nobody: they are still there, for others.
    /// What is wanted and was not held before comes with the next change, or all of it with <see cref="RefillAsync"/>.</summary>
    /// <param name="keeps">Called for each object that comes; its answer may change, which takes effect with another call of this.</param>
    internal void Hold(Func<DynamicObject, bool> keeps) => _store.Hold(keeps);

    /// <summary>Returns when the cache holds everything that is wanted now. Call while it runs, one at a time.</summary>
    /// <remarks>Objects are listed beside the watch, which goes on telling of those that are held; only what is new is gathered. Fingerprints, and objects while the watch
    /// itself is about to list, are listed by the watch anew.</remarks>
    /// <exception cref="OperationCanceledException">The informer has stopped.</exception>
    internal async Task RefillAsync()
    {
        if (_store is not ObjectStore objects || !(await Task.WhenAll(_parts.All.Select(part => GainAsync(objects, part, _stop)))).All(static gained => gained))
        {
            await _refills.AskAsync();
        }
    }

    /// <summary>Tells all handlers of every object, as when <see cref="InformerOptions.ResyncPeriod"/> has passed.</summary>
    internal void Resync() => _store.Resync();

    private WatcherOptions Watch(CachePart part) => _store.Watch(part, new WatcherOptions
    {
        Namespace = part.Namespace,
        LabelSelector = Options.LabelSelector.ToString(),
        FieldSelector = Options.FieldSelector,
        WithoutManagedFields = Options.WithoutManagedFields,
        MetadataOnly = Options.MetadataOnly,
        StreamingList = Options.StreamingList,
        MaxBackoff = Options.MaxBackoff,
        Keeps = _store.Keeps,
    });

    /// <returns>Whether the part has all that is wanted; false: the watch is to list it.</returns>
    private async Task<bool> GainAsync(ObjectStore objects, CachePart part, CancellationToken cancellationToken)
    {
        var options = Watch(part);
        var (lists, decoder, backoff) = (new ListRequests(_client, Type, options), options.Decoder!, new WatchBackoff(options, _client.Options.TimeProvider, _client.Options.Random));
        while (objects.BeginGained(part) is { } gained)
        {
            try
            {
                await lists.RunAsync(gained.Clear, item => objects.Gain(gained, decoder.Read(item)), cancellationToken);
                return objects.EndGained(gained);
            }
            catch (Exception error)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Faulted?.Invoke(error);
                await Task.Delay(backoff.Next(), _client.Options.TimeProvider, cancellationToken);
            }
        }

        return false;
    }

    private async Task FollowAsync(CachePart part, CancellationToken cancellationToken)
    {
        var watcher = new Watcher(_client, Type, Watch(part));
        var isFirst = true;
        await foreach (var happened in watcher.RunAsync(cancellationToken))
        {
            var heardAt = _client.Options.TimeProvider.GetTimestamp();
            part.Error = happened.Error;
            if (happened.Error is { } error)
            {
                Faulted?.Invoke(error);
            }

            var isPast = happened.Kind == WatchEventKind.Restarted && ResourceVersions.Compare(happened.ResourceVersion, part.Version) < 0;
            _store.Take(part, happened);
            if (happened.IsFromServer)
            {
                part.Heard(heardAt);
            }

            if (isPast && Options.Fingerprint is not null)
            {
                // The server came back from a backup. What the list had of objects that were newer here went by before that was known.
                _ = _refills.AskAsync();
            }

            if (happened.Kind == WatchEventKind.Restarted && isFirst)
            {
                isFirst = false;
                if (_refills.Filled() && !Interlocked.Exchange(ref _isFilled, true))
                {
                    _store.MarkSynced();
                    _ = SyncHandlersAsync();
                }
            }
        }
    }

    private async Task SyncHandlersAsync()
    {
        try
        {
            await _store.HandlersSynced;
        }
        catch (OperationCanceledException)
        {
            // A handler was removed meanwhile.
        }

        _synced.TrySetResult();
    }

    private async Task ResyncAsync(CancellationToken cancellationToken)
    {
        while (Options.ResyncPeriod is { } period && period > TimeSpan.Zero)
        {
            double late;
            lock (_client.Options.Random)
            {
                late = 0.1 * _client.Options.Random.NextDouble();
            }

            // Informers that started together must not wake all controllers together. A timer waits 49 days at most.
            var wait = period < TimeSpan.FromDays(40) ? period : TimeSpan.FromDays(40);
            await Task.Delay(wait * (1 + late), _client.Options.TimeProvider, cancellationToken);
            _store.Resync();
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
