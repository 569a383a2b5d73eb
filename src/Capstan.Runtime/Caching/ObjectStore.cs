using System.Collections.Immutable;
using Capstan.Watching;

namespace Capstan.Caching;

/// <summary>Holds what the watch told and, over it, the writes of this process that the watch has not told yet.</summary>
/// <remarks>
/// Readers take <see cref="View"/> and never wait. Handlers are told of what the watch tells alone: an own write shows at once in the view, and
/// comes to the handlers when it comes back from the server, like everybody's.
/// </remarks>
internal sealed class ObjectStore
{
    private readonly ResourceType _type;
    private readonly InformerOptions _options;
    private readonly TimeProvider _time;

    // Taken first: a change and telling it are one for a handler that is being added.
    private readonly Lock _telling = new();
    private ImmutableArray<Action<CacheChange>> _handlers = [];

    // Taken second: a reconciler that shows its write must not wait for handlers.
    private readonly Lock _writing = new();
    private readonly Dictionary<ObjectKey, OwnWrite> _own = [];
    private ObjectTree _watched = ObjectTree.Empty;
    private volatile StoreView _view = new(ObjectTree.Empty, []);
    private volatile string? _version;
    private volatile Func<DynamicObject, bool>? _keeps;

    public ObjectStore(ResourceType type, InformerOptions options, TimeProvider time)
    {
        _type = type;
        _options = options;
        _time = time;
    }

    /// <summary>Raised with what a handler or an index threw; the store goes on.</summary>
    public event Action<Exception>? Faulted;

    public StoreView View => _view;

    /// <summary>Version up to which the watch told everything; null before the first list.</summary>
    public string? ResourceVersion => _version;

    public void AddIndex(string name, Func<DynamicObject, IEnumerable<string>> values)
    {
        lock (_writing)
        {
            if (_view.Indexes.Any(i => i.Name == name))
            {
                throw new InvalidOperationException($"the informer of {_type.GroupResource} has an index '{name}' already");
            }

            _view = _view with { Indexes = _view.Indexes.Add(new(name, Guarded, ObjectIndex.NoKeys)) };
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

    /// <summary>Whether the object is one to hold.</summary>
    public bool Keeps(DynamicObject value) => _keeps?.Invoke(value) != false;

    /// <summary>Holds only what is wanted from now on, and lets the rest go without a word.</summary>
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
                    _own.Remove(key);
                    Refresh_NeedsLock(key);
                }

                Share_NeedsLock();
            }
        }
    }

    public void AddHandler(Action<CacheChange> handler)
    {
        lock (_telling)
        {
            foreach (var value in _watched.Objects())
            {
                Tell(handler, new(CacheChangeKind.Added, null, value, true, false));
            }

            _handlers = _handlers.Add(handler);
        }
    }

    public void Take(in WatchEvent happened)
    {
        lock (_telling)
        {
            switch (happened.Kind)
            {
                case WatchEventKind.Restarted:
                    Restart(happened.Objects!, happened.ResourceVersion!);
                    break;
                case WatchEventKind.Applied:
                    Change(happened.Object!.Key, happened.Object, happened.ResourceVersion!);
                    break;
                case WatchEventKind.Deleted:
                    Delete(happened.Object!, happened.ResourceVersion!);
                    break;
                case WatchEventKind.Bookmark:
                    lock (_writing)
                    {
                        Advance_NeedsLock(happened.ResourceVersion!);
                    }

                    break;
            }
        }
    }

    /// <summary>Shows a write until the watch has told it.</summary>
    public void ObserveWrite(DynamicObject written)
    {
        if (written.ResourceVersion is not { } version || !Keeps(written))
        {
            return;
        }

        var key = written.Key;
        var shown = InScope(written) ? DynamicObject.CopyFrom(written.Json.Span, _type, _options.WithoutManagedFields) : null;
        lock (_writing)
        {
            ForgetOld_NeedsLock();

            // Versions that cannot be ordered: nobody could say when the watch has passed the write.
            var isNews = ResourceVersions.Compare(version, _watched.Find(key)?.ResourceVersion ?? "1") > 0
                && (_version is null || ResourceVersions.Compare(version, _version) > 0)
                && (!_own.TryGetValue(key, out var other) || other.ResourceVersion is null || ResourceVersions.Compare(version, other.ResourceVersion) > 0);
            if (isNews)
            {
                _own[key] = new(shown, version, null, 0);
                Refresh_NeedsLock(key);
            }
        }
    }

    /// <summary>Hides what was deleted until the watch has told it.</summary>
    public void ObserveDeletion(ObjectKey key, string? uid)
    {
        lock (_writing)
        {
            ForgetOld_NeedsLock();
            var hidden = _view.Find(key);
            if ((uid ?? hidden?.Uid) is { } gone && (hidden is null || hidden.Uid == gone))
            {
                _own[key] = new(null, null, gone, _time.GetTimestamp());
                Refresh_NeedsLock(key);
            }
        }
    }

    private void Restart(IReadOnlyList<DynamicObject> objects, string version)
    {
        var isFirst = _version is null;
        var changes = new List<CacheChange>(isFirst ? objects.Count : 0);
        lock (_writing)
        {
            var listed = ObjectTree.Of(objects.Where(Keeps));
            foreach (var old in _watched.Objects())
            {
                if (listed.Find(old.Key)?.Uid != old.Uid)
                {
                    changes.Add(new(CacheChangeKind.Deleted, old, null, false, true));
                }
            }

            foreach (var now in listed.Objects())
            {
                var old = _watched.Find(now.Key);
                if (old?.Uid != now.Uid || old is null)
                {
                    changes.Add(new(CacheChangeKind.Added, null, now, isFirst, false));
                }
                else if (old.ResourceVersion != now.ResourceVersion)
                {
                    changes.Add(new(CacheChangeKind.Updated, old, now, false, false));
                }
            }

            if (isFirst)
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

            if (ResourceVersions.Compare(version, _version) < 0)
            {
                // The server's past came back, from a backup: what was written after it never was.
                _own.Clear();
            }

            _version = version;
            foreach (var key in changes.Where(_ => !isFirst).Select(c => c.Key).Concat(_own.Keys.ToList()).Distinct().ToList())
            {
                Settle_NeedsLock(key, isGone: true);
            }

            Share_NeedsLock();
        }

        Tell(changes);
    }

    private void Delete(DynamicObject last, string version)
    {
        var known = _watched.Find(last.Key);
        if (known is not null && known.Uid == last.Uid)
        {
            Change(last.Key, null, version, last);
            return;
        }

        // Of an object that was never seen, or whose name has another by now: nothing to tell.
        lock (_writing)
        {
            Advance_NeedsLock(version);
        }
    }

    private void Change(ObjectKey key, DynamicObject? now, string version, DynamicObject? last = null)
    {
        DynamicObject? old;
        var kept = now is not null && Keeps(now) ? now : null;
        lock (_writing)
        {
            old = _watched.Find(key);
            if (now is not null && old is not null && old.Uid == now.Uid && ResourceVersions.Compare(now.ResourceVersion, old.ResourceVersion) <= 0)
            {
                // A replay.
                return;
            }

            _watched = _watched.With(key, kept);
            _version = version;
            Settle_NeedsLock(key, isGone: kept is null);
            Advance_NeedsLock(version);
        }

        if (old is null && now is not null && kept is null)
        {
            // Another's before and after.
            return;
        }

        if (now is null)
        {
            Tell([new(CacheChangeKind.Deleted, last ?? old, null, false, false)]);
        }
        else if (old is null)
        {
            Tell([new(CacheChangeKind.Added, null, now, false, false)]);
        }
        else if (old.Uid == now.Uid)
        {
            Tell([new(CacheChangeKind.Updated, old, now, false, false)]);
        }
        else
        {
            Tell([new(CacheChangeKind.Deleted, old, null, false, true), new(CacheChangeKind.Added, null, now, false, false)]);
        }
    }

    /// <summary>The watch told everything up to here, so also the own writes up to here.</summary>
    private void Advance_NeedsLock(string version)
    {
        _version = version;
        foreach (var key in _own.Count == 0 ? [] : _own.Keys.ToList())
        {
            Settle_NeedsLock(key);
        }

        Share_NeedsLock();
    }

    /// <summary>Without own writes both trees are equal: keep one. Only when every change of the one is in the other, or its indexes would miss it.</summary>
    private void Share_NeedsLock()
    {
        if (_own.Count == 0)
        {
            _view = _view with { Tree = _watched };
        }
    }

    /// <summary>Drops the own write of a key if the watch has passed it, and shows what is then so.</summary>
    /// <param name="key">The object.</param>
    /// <param name="isGone">The watch just told that the key has no object; else it may not have told of one yet.</param>
    private void Settle_NeedsLock(ObjectKey key, bool isGone = false)
    {
        if (_own.TryGetValue(key, out var own))
        {
            var watched = _watched.Find(key);
            var passed = own.IsDeletion
                ? IsOld(own) || (watched is null ? isGone : watched.Uid != own.Uid)
                : ResourceVersions.Compare(_version, own.ResourceVersion) is null or >= 0;
            if (passed)
            {
                _own.Remove(key);
            }
        }

        Refresh_NeedsLock(key);
    }

    private void Refresh_NeedsLock(ObjectKey key)
    {
        var watched = _watched.Find(key);
        var shown = !_own.TryGetValue(key, out var own) ? watched
            : !own.IsDeletion ? own.Object
            : watched?.Uid == own.Uid ? null
            : watched;
        _view = _view.With(key, shown);
    }

    private void ForgetOld_NeedsLock()
    {
        foreach (var (key, _) in _own.Where(o => o.Value.IsDeletion && IsOld(o.Value)).ToList())
        {
            _own.Remove(key);
            Refresh_NeedsLock(key);
        }
    }

    private bool IsOld(OwnWrite own) => _time.GetElapsedTime(own.At) > _options.OwnDeletionLifetime;

    private bool InScope(DynamicObject value) =>
        (string.IsNullOrEmpty(_options.Namespace) || value.Key.Namespace == _options.Namespace) && _options.LabelSelector.Matches(value.Labels);

    private void Tell(IReadOnlyList<CacheChange> changes)
    {
        foreach (var change in changes)
        {
            foreach (var handler in _handlers)
            {
                Tell(handler, change);
            }
        }
    }

    private void Tell(Action<CacheChange> handler, in CacheChange change)
    {
        try
        {
            handler(change);
        }
        catch (Exception error)
        {
            Faulted?.Invoke(new InvalidOperationException($"a handler of {_type.GroupResource} failed at {change.Key}: {error.Message}", error));
        }
    }

    /// <param name="Object">What to show; null hides the key.</param>
    /// <param name="ResourceVersion">Of a write: what the watch must pass.</param>
    /// <param name="Uid">Of a deletion: the object that must go.</param>
    /// <param name="At">Of a deletion: timestamp.</param>
    private readonly record struct OwnWrite(DynamicObject? Object, string? ResourceVersion, string? Uid, long At)
    {
        public bool IsDeletion => ResourceVersion is null;
    }
}
