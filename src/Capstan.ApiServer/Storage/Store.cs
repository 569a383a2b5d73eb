using System.Collections.Concurrent;

namespace Capstan.ApiServer.Storage;

/// <summary>All objects of the server, and the one counter of revisions that every resourceVersion comes from.</summary>
/// <remarks>
/// Thread-safe. Writes are serialised by one lock that is held for a tree path and a log entry only; reads take a snapshot and never wait.
/// A write that returned is visible to every read that begins after it.
/// </remarks>
internal sealed class Store
{
    // A fresh Kubernetes has written a few objects before anybody can look; clients rely on "0" and "1" being in the past.
    private const long FirstRevision = 100;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<GroupResource, Bucket> _buckets = new();
    private readonly Func<ChangeLog> _newLog;
    private long _revision = FirstRevision;

    public Store(int watchWindowChanges = 10_000, long watchWindowBytes = 16 << 20) => _newLog = () => new ChangeLog(watchWindowChanges, watchWindowBytes, FirstRevision);

    /// <summary>The revision of the last write.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>The changes of a resource, for watches.</summary>
    public ChangeLog Log(GroupResource resource) => BucketOf(resource).Log;

    /// <summary>All objects of a resource as of now.</summary>
    public Snapshot Read(GroupResource resource)
    {
        var bucket = BucketOf(resource);
        while (true)
        {
            // A write shows its tree before it moves the counter: if the tree is still the same after reading the counter, it misses nothing
            // up to there, and may only be ahead of it.
            var state = bucket.State;
            var at = Math.Max(Revision, state.Revision);
            if (ReferenceEquals(state, bucket.State))
            {
                return new Snapshot(state.Objects, at);
            }
        }
    }

    /// <summary>All objects of a resource as they were at <paramref name="at"/>; null when the changes since were dropped.</summary>
    public Snapshot? ReadAt(GroupResource resource, long at)
    {
        var bucket = BucketOf(resource);
        ObjectTree tree;
        IReadOnlyList<Change>? since;
        lock (_gate)
        {
            tree = bucket.State.Objects;
            since = bucket.Log.Since(at);
        }

        if (since is null)
        {
            return null;
        }

        foreach (var change in since)
        {
            tree = change.Before is { } before ? tree.With(before) : tree.Without(change.Key);
        }

        return new Snapshot(tree, at);
    }

    public StoredObject? Find(GroupResource resource, ObjectKey key) => BucketOf(resource).State.Objects.Find(key);

    /// <summary>Stores <paramref name="encoded"/> if the object still is <paramref name="expected"/> (null: absent); else answers null and changes nothing.</summary>
    public StoredObject? TryPut(GroupResource resource, EncodedObject encoded, StoredObject? expected)
    {
        var bucket = BucketOf(resource);
        Change change;
        TaskCompletionSource wake;
        lock (_gate)
        {
            if (!ReferenceEquals(bucket.State.Objects.Find(encoded.Header.Key), expected))
            {
                return null;
            }

            var stored = StoredObject.At(_revision + 1, encoded);
            change = new Change(_revision + 1, expected, stored);
            wake = Commit_NeedsGate(bucket, change, bucket.State.Objects.With(stored));
        }

        wake.TrySetResult();
        bucket.Notify();
        return change.After;
    }

    /// <summary>Removes an object if it still is <paramref name="expected"/>; answers it with the revision of its removal, or null when it had changed.</summary>
    public StoredObject? TryRemove(GroupResource resource, StoredObject expected)
    {
        var bucket = BucketOf(resource);
        Change change;
        TaskCompletionSource wake;
        lock (_gate)
        {
            if (!ReferenceEquals(bucket.State.Objects.Find(expected.Key), expected))
            {
                return null;
            }

            change = new Change(_revision + 1, expected, null);
            wake = Commit_NeedsGate(bucket, change, bucket.State.Objects.Without(expected.Key));
        }

        wake.TrySetResult();
        bucket.Notify();
        return expected.At(change.Revision);
    }

    /// <summary>Calls <paramref name="observer"/> with every change of a resource, in order, one at a time, on the thread of a writer, after the write is visible.
    /// The observer may write itself: what it causes is told after it has returned.</summary>
    public void Observe(GroupResource resource, Action<Change> observer) => BucketOf(resource).Observers.Add(observer);

    /// <summary>Drops the logged changes of all resources: every older revision is now too old.</summary>
    public void Compact()
    {
        foreach (var bucket in _buckets.Values)
        {
            bucket.Log.Compact(Revision);
        }
    }

    private TaskCompletionSource Commit_NeedsGate(Bucket bucket, Change change, ObjectTree tree)
    {
        var wake = bucket.Log.Append(change);
        bucket.State = new BucketState(tree, change.Revision);
        Volatile.Write(ref _revision, change.Revision);
        if (!bucket.Observers.IsEmpty)
        {
            bucket.Unobserved.Enqueue(change);
        }

        return wake;
    }

    private Bucket BucketOf(GroupResource resource) => _buckets.TryGetValue(resource, out var bucket) ? bucket : _buckets.GetOrAdd(resource, _ => new Bucket(_newLog()));

    private sealed class Bucket(ChangeLog log)
    {
        private volatile BucketState _state = new(ObjectTree.Empty, 0);
        private int _observing;

        public BucketState State
        {
            get => _state;
            set => _state = value;
        }

        public ChangeLog Log { get; } = log;

        public ConcurrentBag<Action<Change>> Observers { get; } = [];

        public ConcurrentQueue<Change> Unobserved { get; } = new();

        /// <summary>Tells the observers what they have not seen. Whoever finds another writer (or itself, further up) at it leaves the rest to that one.</summary>
        public void Notify()
        {
            while (!Unobserved.IsEmpty && Interlocked.Exchange(ref _observing, 1) == 0)
            {
                try
                {
                    while (Unobserved.TryDequeue(out var change))
                    {
                        foreach (var observer in Observers)
                        {
                            observer(change);
                        }
                    }
                }
                finally
                {
                    Volatile.Write(ref _observing, 0);
                }
            }
        }
    }
}

/// <summary>The objects of one resource, and the revision of its last write.</summary>
internal sealed record BucketState(ObjectTree Objects, long Revision);

/// <summary>All objects of one resource at one revision.</summary>
internal readonly record struct Snapshot(ObjectTree Objects, long Revision);
