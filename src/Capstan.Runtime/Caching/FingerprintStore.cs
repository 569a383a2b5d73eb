using System.Buffers;
using System.Text.Json;
using Capstan.Watching;

namespace Capstan.Caching;

/// <summary>Holds of each object its key, uid, version and hash; the object itself goes by.</summary>
/// <remarks>
/// A list is not gathered either: each object of it counts when it comes, and what was not among them is gone when the list is complete. Handlers are told of all that
/// the watch tells, of own writes too: they may have overwritten a foreign change that nobody saw.
/// </remarks>
internal sealed class FingerprintStore : IInformerStore
{
    private readonly ResourceType _type;
    private readonly Func<DynamicObject, Fingerprint> _fingerprint;
    private readonly Func<DynamicObject, bool>? _tellsUnchanged;
    private readonly CacheScope _scope;
    private readonly CacheParts _parts;
    private readonly ChangeHandlers _handlers;
    private readonly Lock _lock = new();
    private readonly FingerprintTable _table = new();
    private volatile Func<DynamicObject, bool>? _keeps;

    // The number of the list that a row was last seen in, by part.
    private readonly Dictionary<CachePart, ushort> _lists = [];

    public FingerprintStore(ResourceType type, Func<DynamicObject, Fingerprint> fingerprint, Func<DynamicObject, bool>? tellsUnchanged, CacheScope scope, CacheParts parts)
    {
        _type = type;
        _fingerprint = fingerprint;
        _tellsUnchanged = tellsUnchanged;
        _scope = scope;
        _parts = parts;
        _handlers = new((change, error) =>
            Faulted?.Invoke(new InvalidOperationException($"a handler of {type.GroupResource} failed at {change.Key}: {error.Message}", error)));
        foreach (var part in parts.All)
        {
            _lists[part] = 0;
        }
    }

    public event Action<Exception>? Faulted;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _table.Count;
            }
        }
    }

    public Task HandlersSynced => _handlers.Synced;

    public ObjectFingerprint? Get(ObjectKey key)
    {
        lock (_lock)
        {
            return _table.Find(key) is >= 0 and var row ? _table.Read(row) : null;
        }
    }

    public IReadOnlyList<ObjectFingerprint> List()
    {
        lock (_lock)
        {
            return [.. _table.Rows().Select(_table.Read).OrderBy(f => f.Key)];
        }
    }

    public WatcherOptions Watch(CachePart part, WatcherOptions options) => options with { Listed = told => TakeListed(part, told) };

    public bool Keeps(DynamicObject value) => _keeps?.Invoke(value) != false;

    public void Hold(Func<DynamicObject, bool> keeps)
    {
        lock (_lock)
        {
            _keeps = keeps;
            foreach (var row in _table.Rows().Where(row => !keeps(Skeleton(_table.Read(row)))).ToList())
            {
                _table.Remove(row);
            }
        }
    }

    public HandlerRegistration AddHandler(Action<CacheChange> handler)
    {
        lock (_lock)
        {
            return _handlers.Add(handler, _table.Rows().Select(row => CacheChange.Added(Skeleton(_table.Read(row)), isInitial: true)));
        }
    }

    public void MarkSynced()
    {
        lock (_lock)
        {
            _handlers.MarkSynced();
        }
    }

    public void Resync()
    {
        lock (_lock)
        {
            foreach (var row in _table.Rows())
            {
                var value = Skeleton(_table.Read(row));
                _handlers.Tell(CacheChange.Updated(value, value));
            }
        }
    }

    public void Take(CachePart part, in WatchEvent happened)
    {
        lock (_lock)
        {
            switch (happened.Kind)
            {
                case WatchEventKind.Restarted:
                    Sweep_NeedsLock(part, happened.ResourceVersion!);
                    part.Version = happened.ResourceVersion;
                    break;
                case WatchEventKind.Applied:
                    Apply_NeedsLock(part, happened.Object!, isInitial: false);
                    break;
                case WatchEventKind.Deleted:
                    Delete_NeedsLock(part, happened.Object!);
                    break;
            }

            if (happened.ResourceVersion is { } version)
            {
                Advance_NeedsLock(part, version);
            }
        }
    }

    public void ObserveWrite(DynamicObject written)
    {
        if (written.ResourceVersion is not { } version || _parts.Of(written.Key) is not { } part || written.Key.Name.Length > FingerprintTable.LongestName
            || !_scope.Holds(written) || !Keeps(written) || OwnDeletion.Finishes(written))
        {
            return;
        }

        var now = Of(written);
        lock (_lock)
        {
            var row = _table.Find(written.Key);
            var isNews = ResourceVersions.Compare(version, row < 0 ? "1" : _table.Read(row).ResourceVersion) > 0
                && (part.Version is null || ResourceVersions.Compare(version, part.Version) > 0);
            if (isNews && part.Own.Add(written.Key, null, version, 0))
            {
                _table.Mark(_table.Put(now)) = _lists[part];
            }
        }
    }

    public void ObserveDeletion(ObjectKey key, string? uid)
    {
        // The watch will tell.
    }

    private void TakeListed(CachePart part, in WatchEvent? told)
    {
        lock (_lock)
        {
            if (told is not { } listed)
            {
                Begin_NeedsLock(part);
            }
            else if (listed.Kind == WatchEventKind.Applied)
            {
                Apply_NeedsLock(part, listed.Object!, isInitial: part.Version is null);
            }
            else
            {
                Delete_NeedsLock(part, listed.Object!);
            }
        }
    }

    private void Begin_NeedsLock(CachePart part)
    {
        if (++_lists[part] == 0)
        {
            foreach (var row in RowsOf_NeedsLock(part))
            {
                _table.Mark(row) = 0;
            }

            _lists[part] = 1;
        }
    }

    private void Apply_NeedsLock(CachePart part, DynamicObject now, bool isInitial)
    {
        if (now.Key.Name.Length > FingerprintTable.LongestName)
        {
            Faulted?.Invoke(new InvalidOperationException($"a name of {now.Key.Name.Length} characters among {_type.GroupResource}: left out"));
            return;
        }

        var row = _table.Find(now.Key);
        if (!Keeps(now))
        {
            if (row >= 0)
            {
                _handlers.Tell(CacheChange.Updated(Skeleton(_table.Read(row)), now));
                _table.Remove(row);
            }

            return;
        }

        if (row < 0)
        {
            _table.Mark(_table.Put(Of(now))) = _lists[part];
            _handlers.Tell(CacheChange.Added(now, isInitial));
            return;
        }

        var old = _table.Read(row);
        var isOwn = part.Own.Has(now.Key);
        var order = ResourceVersions.Compare(now.ResourceVersion, old.ResourceVersion);
        var hash = old.Hash;
        if (order == 0 && isOwn && old.Uid == now.Uid)
        {
            // The very version that was written: its hash is known.
        }
        else if (order is null or > 0 || (order == 0 && isOwn))
        {
            var known = Of(now);
            hash = known.Hash;
            row = _table.Put(known);
        }
        else if (!isOwn)
        {
            _table.Mark(row) = _lists[part];
            return;
        }

        _table.Mark(row) = _lists[part];
        part.Own.Told(now.Key, now.ResourceVersion!);
        if (old.Uid == now.Uid)
        {
            if (hash != old.Hash || _tellsUnchanged?.Invoke(now) != false)
            {
                _handlers.Tell(CacheChange.Updated(Skeleton(old), now));
            }

            return;
        }

        _handlers.Tell(CacheChange.Deleted(Skeleton(old), isStale: true));
        _handlers.Tell(CacheChange.Added(now));
    }

    private void Delete_NeedsLock(CachePart part, DynamicObject last)
    {
        var row = _table.Find(last.Key);
        if (row >= 0 && _table.Read(row).Uid == last.Uid)
        {
            _table.Remove(row);
            part.Own.Told(last.Key, last.ResourceVersion!);
            _handlers.Tell(CacheChange.Deleted(last));
        }
    }

    /// <summary>The list is complete: what was not in it is gone, but for what was written after it. If it is of the past, nothing after it ever was.</summary>
    private void Sweep_NeedsLock(CachePart part, string version)
    {
        var isPast = ResourceVersions.Compare(version, part.Version) < 0;
        if (isPast)
        {
            part.Own.Forget(long.MaxValue);
        }

        foreach (var row in RowsOf_NeedsLock(part))
        {
            var known = _table.Read(row);
            var isLater = ResourceVersions.Compare(known.ResourceVersion, version) > 0;
            if (isPast ? isLater || _table.Mark(row) != _lists[part] : _table.Mark(row) != _lists[part] && !(isLater && part.Own.Has(known.Key)))
            {
                _table.Remove(row);
                _handlers.Tell(CacheChange.Deleted(Skeleton(known), isStale: true));
            }
        }
    }

    /// <summary>What was written up to here and not told is not among what is watched.</summary>
    private void Advance_NeedsLock(CachePart part, string version)
    {
        if (ResourceVersions.Compare(version, part.Version) is null or > 0)
        {
            part.Version = version;
        }

        foreach (var key in part.Own.Passed(version))
        {
            if (_table.Find(key) is >= 0 and var row)
            {
                _table.Remove(row);
            }
        }
    }

    private List<int> RowsOf_NeedsLock(CachePart part) =>
        [.. _table.Rows().Where(row => part.Namespace.Length == 0 || _table.Read(row).Key.Namespace == part.Namespace)];

    private ObjectFingerprint Of(DynamicObject value)
    {
        var hash = default(Fingerprint);
        try
        {
            hash = _fingerprint(value);
        }
        catch (Exception error)
        {
            Faulted?.Invoke(new InvalidOperationException($"the fingerprint of {_type.GroupResource} {value.Key}: {error.Message}", error));
        }

        return new(value.Key, value.Uid ?? "", value.ResourceVersion ?? "", hash);
    }

    /// <summary>What is known of an object, as an object.</summary>
    private DynamicObject Skeleton(in ObjectFingerprint known)
    {
        var json = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", _type.ApiVersion);
            writer.WriteString("kind", _type.Kind);
            writer.WriteStartObject("metadata");
            writer.WriteString("name", known.Key.Name);
            if (known.Key.Namespace.Length > 0)
            {
                writer.WriteString("namespace", known.Key.Namespace);
            }

            writer.WriteString("resourceVersion", known.ResourceVersion);
            writer.WriteString("uid", known.Uid);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return DynamicObject.CopyFrom(json.WrittenSpan);
    }
}
