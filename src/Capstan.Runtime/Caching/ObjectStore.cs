using Capstan.Watching;

namespace Capstan.Caching;

/// <summary>Holds what the watches told and, over it, the writes of this process that they have not told yet.</summary>
/// <remarks>
/// Readers take <see cref="View"/> and never wait. Handlers are told of what the watches tell alone: an own write shows at once in the view, and
/// comes to the handlers when it comes back from the server, like everybody's.
/// </remarks>
internal sealed partial class ObjectStore : IInformerStore, IDisposable
{
    private readonly ResourceType _type;
    private readonly InformerOptions _options;
    private readonly CacheScope _scope;
    private readonly CacheParts _parts;
    private readonly TimeProvider _time;
    private readonly ObjectDecoder _ownDecoder;
    private readonly ChangeHandlers _handlers;
    private readonly ITimer _forgetting;

    // Taken first: a change and telling it are one for a handler that is being added.
    private readonly Lock _telling = new();

    // Taken second: a reconciler that shows its write must not wait for who tells.
    private readonly Lock _writing = new();
    private ObjectTree _watched = ObjectTree.Empty;
    private bool _isForgetting;
    private volatile Func<DynamicObject, bool>? _keeps;
    private volatile StoreView _view = new(ObjectTree.Empty, []);

    public ObjectStore(ResourceType type, InformerOptions options, CacheScope scope, CacheParts parts, TimeProvider time)
    {
        _type = type;
        _options = options;
        _scope = scope;
        _parts = parts;
        _time = time;
        _ownDecoder = new(type, options.WithoutManagedFields, options.MetadataOnly, Transform);
        _handlers = new((change, error) =>
            Faulted?.Invoke(new InvalidOperationException($"a handler of {type.GroupResource} failed at {change.Key}: {error.Message}", error)));
        _forgetting = time.CreateTimer(static store => ((ObjectStore)store!).ForgetOld(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public event Action<Exception>? Faulted;

    public StoreView View => _view;

    public int Count => _view.Count;

    public Task HandlersSynced => _handlers.Synced;

    public WatcherOptions Watch(CachePart part, WatcherOptions options) => options with
    {
        Decoder = new(_type, _options.WithoutManagedFields, _options.MetadataOnly, Transform, key => _view.Find(key)),
        ListBegins = () => BeginListing(part),
    };

    public void AddIndex(string name, Func<DynamicObject, IEnumerable<string>> values)
    {
        lock (_writing)
        {
            if (_view.Indexes.Any(i => i.Name == name))
            {
                throw new InvalidOperationException($"the informer of {_type.GroupResource} has an index '{name}' already");
            }

            _view = _view with { Indexes = _view.Indexes.Add(new(name, Guarded, ObjectIndex.Nothing)) };
        }

        IReadOnlyCollection<string> Guarded(DynamicObject value)
        {
            try
            {
                return [.. values(value).Distinct(StringComparer.Ordinal)];
            }
            catch (Exception error)
            {
                // One object that the delegate cannot read must not take the informer with it.
                Faulted?.Invoke(new InvalidOperationException($"index '{name}' of {_type.GroupResource} {value.Key}: {error.Message}", error));
                return [];
            }
        }
    }

    public bool Keeps(DynamicObject value) => _keeps?.Invoke(value) != false;

    public void Hold(Func<DynamicObject, bool> keeps)
    {
        lock (_telling)
        {
            lock (_writing)
            {
                _keeps = keeps;
                foreach (var key in _watched.Objects().Concat(_view.Objects()).Where(value => !keeps(value)).Select(value => value.Key).Distinct().ToList())
                {
                    _watched = _watched.With(key, null);
                    var part = _parts.Of(key)!;
                    part.Own.Drop(key);
                    Refresh_NeedsLock(part, key);
                }

                Share_NeedsLock();
            }
        }
    }

    public HandlerRegistration AddHandler(Action<CacheChange> handler)
    {
        lock (_telling)
        {
            return _handlers.Add(handler, _watched.Objects().Select(o => CacheChange.Added(o, isInitial: true)));
        }
    }

    public void MarkSynced()
    {
        lock (_telling)
        {
            _handlers.MarkSynced();
        }
    }

    public void Resync()
    {
        lock (_telling)
        {
            foreach (var value in _watched.Objects())
            {
                _handlers.Tell(CacheChange.Updated(value, value));
            }
        }
    }

    public void Take(CachePart part, in WatchEvent happened)
    {
        lock (_telling)
        {
            switch (happened.Kind)
            {
                case WatchEventKind.Restarted:
                    part.IsListing = false;
                    Restart(part, happened.Objects!, happened.ResourceVersion!);
                    break;
                case WatchEventKind.Applied:
                    Change(part, happened.Object!, isOfWatch: true);
                    break;
                case WatchEventKind.Deleted:
                    part.Gained?.Gone(happened.Object!.Key, happened.ResourceVersion!);
                    Delete(part, happened.Object!, happened.ResourceVersion!);
                    break;
                case WatchEventKind.Bookmark:
                    lock (_writing)
                    {
                        Advance_NeedsLock(part, happened.ResourceVersion!);
                    }

                    break;
            }
        }
    }

    /// <summary>Shows a write until the watch has told it.</summary>
    public void ObserveWrite(DynamicObject written)
    {
        var key = written.Key;
        if (written.ResourceVersion is not { } version || _parts.Of(key) is not { } part || !Keeps(written))
        {
            return;
        }

        if (OwnDeletion.Finishes(written))
        {
            ObserveDeletion(key, written.Uid);
            return;
        }

        var shown = _scope.Holds(written) ? _ownDecoder.Read(written.Json.Span) : null;
        lock (_writing)
        {
            // Versions that cannot be ordered: nobody could say when the watch has passed the write.
            var isNews = ResourceVersions.Compare(version, _watched.Find(key)?.ResourceVersion ?? "1") > 0
                && (part.Version is null || ResourceVersions.Compare(version, part.Version) > 0);
            if (isNews && part.Own.Add(key, shown, version, _time.GetTimestamp()))
            {
                Refresh_NeedsLock(part, key);
                ForgetLater_NeedsLock();
            }
        }
    }

    /// <summary>Hides what was deleted until the watch has told it.</summary>
    public void ObserveDeletion(ObjectKey key, string? uid)
    {
        if (_parts.Of(key) is not { } part)
        {
            return;
        }

        lock (_writing)
        {
            if ((uid ?? _view.Find(key)?.Uid) is { } gone)
            {
                part.Own.AddDeletion(key, gone, _time.GetTimestamp());
                Refresh_NeedsLock(part, key);
                ForgetLater_NeedsLock();
            }
        }
    }

    public void Dispose() => _forgetting.Dispose();

    private void Restart(CachePart part, IReadOnlyList<DynamicObject> objects, string version)
    {
        var isFirst = part.Version is null;

        // A server that came back from a backup has older objects, and they are the truth; else what is newer here stays.
        var isPast = ResourceVersions.Compare(version, part.Version) < 0;
        var changes = new List<CacheChange>(isFirst ? objects.Count : 0);
        lock (_writing)
        {
            var listed = ObjectTree.Of(objects.Where(Keeps));
            foreach (var old in _watched.Objects(part.Namespace))
            {
                if (listed.Find(old.Key)?.Uid != old.Uid)
                {
                    changes.Add(CacheChange.Deleted(old, isStale: true));
                }
            }

            foreach (var now in listed.Objects())
            {
                var old = _watched.Find(now.Key);
                if (old is null || old.Uid != now.Uid)
                {
                    changes.Add(CacheChange.Added(now, isFirst));
                }
                else if (old.ResourceVersion != now.ResourceVersion && (isPast || ResourceVersions.Compare(now.ResourceVersion, old.ResourceVersion) is null or > 0))
                {
                    changes.Add(CacheChange.Updated(old, now));
                }
            }

            var isAll = isFirst && _watched.Count == 0 && _parts.HaveNoOwnWrites;
            if (isAll)
            {
                _watched = listed;
                _view = _view.Fill(listed);
            }
            else
            {
                foreach (var change in changes)
                {
                    _watched = _watched.With(change.Key, change.New);
                }
            }

            if (isPast)
            {
                // What was written after the backup never was.
                part.Version = version;
                RefreshAll_NeedsLock(part, part.Own.Forget(long.MaxValue));
            }

            if (!isAll)
            {
                foreach (var change in changes)
                {
                    part.Own.Told(change.Key, version);
                    Refresh_NeedsLock(part, change.Key);
                }
            }

            Advance_NeedsLock(part, version);
        }

        foreach (var change in changes)
        {
            _handlers.Tell(change);
        }
    }

    private void Change(CachePart part, DynamicObject now, bool isOfWatch)
    {
        var (key, version) = (now.Key, now.ResourceVersion!);
        var kept = Keeps(now) ? now : null;
        DynamicObject? old;
        lock (_writing)
        {
            old = _watched.Find(key);
            if (old is not null && ResourceVersions.Compare(version, old.ResourceVersion) <= 0)
            {
                // A replay, or known from a list beside the watch.
                Advance_NeedsLock(part, version);
                return;
            }

            _watched = _watched.With(key, kept);
            part.Own.Told(key, version);
            Refresh_NeedsLock(part, key);
            if (isOfWatch)
            {
                Advance_NeedsLock(part, version);
            }
            else
            {
                Share_NeedsLock();
            }
        }

        if (old is null && kept is null)
        {
            // Another's before and after.
            return;
        }

        if (old is not null && old.Uid == now.Uid)
        {
            _handlers.Tell(CacheChange.Updated(old, now));
            return;
        }

        if (old is not null)
        {
            _handlers.Tell(CacheChange.Deleted(old, isStale: true));
        }

        _handlers.Tell(CacheChange.Added(now));
    }

    private void Delete(CachePart part, DynamicObject last, string version)
    {
        var key = last.Key;
        bool isNews;
        lock (_writing)
        {
            // Of an object that was never seen, or whose name has another by now, or that came back since: nothing to tell.
            isNews = _watched.Find(key) is { } known && known.Uid == last.Uid && ResourceVersions.Compare(version, known.ResourceVersion) is null or >= 0;
            part.Own.ToldGone(last.Uid);
            part.Own.Told(key, version);
            if (isNews)
            {
                _watched = _watched.With(key, null);
            }

            Refresh_NeedsLock(part, key);
            Advance_NeedsLock(part, version);
        }

        if (isNews)
        {
            _handlers.Tell(CacheChange.Deleted(last));
        }
    }

    /// <summary>The watch told everything up to here, so also the own writes up to here.</summary>
    private void Advance_NeedsLock(CachePart part, string version)
    {
        if (ResourceVersions.Compare(version, part.Version) is null or > 0)
        {
            part.Version = version;
        }

        RefreshAll_NeedsLock(part, part.Own.Passed(version));
        Share_NeedsLock();
    }

    /// <summary>Without own writes both trees are equal: keep one. Only when every change of the one is in the other, or its indexes would miss it.</summary>
    private void Share_NeedsLock()
    {
        if (_parts.HaveNoOwnWrites)
        {
            _view = _view with { Tree = _watched };
        }
    }

    private void RefreshAll_NeedsLock(CachePart part, IReadOnlyList<ObjectKey> keys)
    {
        foreach (var key in keys)
        {
            Refresh_NeedsLock(part, key);
        }
    }

    private void Refresh_NeedsLock(CachePart part, ObjectKey key) => _view = _view.With(key, part.Own.Show(key, _watched.Find(key)));

    private void ForgetLater_NeedsLock()
    {
        if (!_isForgetting)
        {
            _isForgetting = true;
            _forgetting.Change(_options.OwnWriteLifetime / 2, Timeout.InfiniteTimeSpan);
        }
    }

    private void ForgetOld()
    {
        lock (_writing)
        {
            var oldest = _time.GetTimestamp() - (long)(_options.OwnWriteLifetime.TotalSeconds * _time.TimestampFrequency);
            foreach (var part in _parts.All)
            {
                // While the watch does not work nothing is late.
                if (part.Error is null)
                {
                    RefreshAll_NeedsLock(part, part.Own.Forget(oldest));
                }
            }

            _isForgetting = false;
            if (!_parts.HaveNoOwnWrites)
            {
                ForgetLater_NeedsLock();
            }
        }
    }

    private DynamicObject Transform(DynamicObject whole)
    {
        if (_options.Transform is not { } transform)
        {
            return whole;
        }

        try
        {
            var kept = transform(whole);
            return kept.Key == whole.Key && kept.Uid == whole.Uid && kept.ResourceVersion == whole.ResourceVersion ? kept
                : throw new InvalidOperationException("name, uid or resourceVersion was changed");
        }
        catch (Exception error)
        {
            Faulted?.Invoke(new InvalidOperationException($"the transform of {_type.GroupResource} {whole.Key}: {error.Message}", error));
            return whole;
        }
    }
}
