using Capstan.Watching;

namespace Capstan.Caching;

/// <summary>The writes of this process that the watch of a part of the collection has not told yet. Not thread-safe.</summary>
/// <remarks>
/// A write is shown until the watch tells of its object at that version or a later one, or passes that version with anything else (the object is not among those
/// that are watched), or until its lifetime ends. What was deleted is known by its uid, which never comes back: it is hidden until the watch tells of the deletion, or
/// until the lifetime ends, and another object under the same name is not.
/// </remarks>
internal sealed class WriteOverlay
{
    private static readonly Comparer<string> ByVersion = Comparer<string>.Create(static (one, other) => ResourceVersions.Compare(one, other) ?? 0);

    private readonly Dictionary<ObjectKey, Write> _writes = [];
    private readonly PriorityQueue<ObjectKey, string> _byVersion = new(ByVersion);
    private readonly Dictionary<string, Deletion> _deleted = new(StringComparer.Ordinal);

    public bool IsEmpty => _writes.Count == 0 && _deleted.Count == 0;

    /// <summary>Whether a write of the object waits to be told.</summary>
    public bool Has(ObjectKey key) => _writes.ContainsKey(key);

    /// <summary>What readers see of a key.</summary>
    /// <param name="key">The object.</param>
    /// <param name="watched">What the watch told of it last.</param>
    public DynamicObject? Show(ObjectKey key, DynamicObject? watched)
    {
        var candidate = _writes.TryGetValue(key, out var write) ? write.Object : watched;
        return candidate?.Uid is { } uid && _deleted.ContainsKey(uid) ? null : candidate;
    }

    /// <summary>Takes a write.</summary>
    /// <param name="key">The object.</param>
    /// <param name="shown">What to show; null for an object out of scope, which is hidden.</param>
    /// <param name="version">Of the object that was stored: the watch is behind it.</param>
    /// <param name="now">Timestamp.</param>
    /// <returns>False if a later write of the object is known.</returns>
    public bool Add(ObjectKey key, DynamicObject? shown, string version, long now)
    {
        if (_writes.TryGetValue(key, out var other) && ResourceVersions.Compare(version, other.Version) <= 0)
        {
            return false;
        }

        _writes[key] = new(shown, version, now);
        _byVersion.Enqueue(key, version);
        return true;
    }

    public void AddDeletion(ObjectKey key, string uid, long now) => _deleted[uid] = new(key, now);

    /// <summary>The object is nobody's concern any more.</summary>
    public void Drop(ObjectKey key) => _writes.Remove(key);

    /// <summary>The watch told of an object.</summary>
    public void Told(ObjectKey key, string version)
    {
        if (_writes.TryGetValue(key, out var write) && ResourceVersions.Compare(version, write.Version) is null or >= 0)
        {
            _writes.Remove(key);
        }
    }

    /// <summary>The watch told that the object with this uid is gone.</summary>
    public void ToldGone(string? uid)
    {
        if (uid is not null)
        {
            _deleted.Remove(uid);
        }
    }

    /// <summary>The watch told everything up to a version.</summary>
    /// <returns>Keys of which readers may now see something else.</returns>
    public IReadOnlyList<ObjectKey> Passed(string version)
    {
        List<ObjectKey>? changed = null;
        while (_byVersion.TryPeek(out var key, out var oldest) && ResourceVersions.Compare(version, oldest) is null or >= 0)
        {
            _byVersion.Dequeue();
            if (_writes.TryGetValue(key, out var write) && write.Version == oldest)
            {
                _writes.Remove(key);
                (changed ??= []).Add(key);
            }
        }

        return changed ?? (IReadOnlyList<ObjectKey>)[];
    }

    /// <summary>Forgets all that is older than <paramref name="oldest"/>; a watch that works would have told it.</summary>
    /// <returns>Keys of which readers may now see something else.</returns>
    public IReadOnlyList<ObjectKey> Forget(long oldest)
    {
        var writes = _writes.Where(w => w.Value.At <= oldest).Select(w => w.Key).ToList();
        var deleted = _deleted.Where(d => d.Value.At <= oldest).ToList();
        foreach (var key in writes)
        {
            _writes.Remove(key);
        }

        foreach (var (uid, deletion) in deleted)
        {
            _deleted.Remove(uid);
            writes.Add(deletion.Key);
        }

        if (_writes.Count == 0)
        {
            _byVersion.Clear();
        }

        return writes;
    }

    private readonly record struct Write(DynamicObject? Object, string Version, long At);

    private readonly record struct Deletion(ObjectKey Key, long At);
}
