using System.Collections.Concurrent;
using Capstan.ApiServer.Storage.Durable;

namespace Capstan.ApiServer.Storage;

/// <summary>All objects of the server, and the one counter of revisions that every resourceVersion comes from.</summary>
/// <remarks>
/// Thread-safe. Writes are serialised by one lock that is held for a tree path and a log entry only; reads take a snapshot and never wait.
/// A write that returned is visible to every read that begins after it. Where the objects are kept on a disk, writers go on from each other's
/// writes at once, and see them by <see cref="Find"/> and <see cref="Read"/>; clients, watches and observers see what is committed: on the disk.
/// Whoever tells a client of a write takes a <see cref="Mark"/> before it, and awaits <see cref="CommittedAsync"/> after.
/// </remarks>
internal sealed class Store : IAsyncDisposable
{
    /// <summary>A fresh Kubernetes has written a few objects before anybody can look; clients rely on "0" and "1" being in the past.</summary>
    public const long FirstRevision = 100;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<GroupResource, Bucket> _buckets = new();
    private readonly Func<ChangeLog> _newLog;
    private readonly Queue<Uncommitted> _uncommitted = new();
    private Committer? _committer;
    private long _latest;
    private long _committed;
    private int _takenBack;

    public Store(int watchWindowChanges = 10_000, long watchWindowBytes = 16 << 20, long firstRevision = FirstRevision)
    {
        _newLog = () => new ChangeLog(watchWindowChanges, watchWindowBytes, firstRevision);
        _latest = _committed = firstRevision;
    }

    /// <summary>The revision of the last write.</summary>
    public long Revision => Volatile.Read(ref _latest);

    /// <summary>The revision of the last write that clients may see.</summary>
    public long CommittedRevision => Volatile.Read(ref _committed);

    /// <summary>The committed changes of a resource, for watches.</summary>
    public ChangeLog Log(GroupResource resource) => BucketOf(resource).Log;

    /// <summary>All objects of a resource as of now, for writers.</summary>
    public Snapshot Read(GroupResource resource)
    {
        var bucket = BucketOf(resource);
        while (true)
        {
            // A write shows its tree before it moves the counter: if the tree is still the same after reading the counter, it misses nothing
            // up to there, and may only be ahead of it.
            var state = bucket.Latest;
            var at = Math.Max(Revision, state.Revision);
            if (ReferenceEquals(state, bucket.Latest))
            {
                return new Snapshot(state.Objects, at);
            }
        }
    }

    /// <summary>All objects of a resource as of now, for clients.</summary>
    public Snapshot ReadCommitted(GroupResource resource)
    {
        var bucket = BucketOf(resource);
        while (true)
        {
            var state = bucket.Committed;
            var at = Math.Max(CommittedRevision, state.Revision);
            if (ReferenceEquals(state, bucket.Committed))
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
            tree = bucket.Committed.Objects;
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

    /// <summary>An object as of now, for writers.</summary>
    public StoredObject? Find(GroupResource resource, ObjectKey key) => BucketOf(resource).Latest.Objects.Find(key);

    /// <summary>An object as of now, for clients.</summary>
    public StoredObject? FindCommitted(GroupResource resource, ObjectKey key) => BucketOf(resource).Committed.Objects.Find(key);

    /// <summary>To be taken before the first write of those that <see cref="CommittedAsync"/> is to wait for.</summary>
    public int Mark => Volatile.Read(ref _takenBack);

    /// <summary>Completes when every write that has returned is committed; at once where objects are kept in memory only.</summary>
    /// <param name="mark">What <see cref="Mark"/> was before the writes that the caller will tell of.</param>
    /// <exception cref="StorageException">The disk did not take what was written since then: it is taken back.</exception>
    public Task CommittedAsync(int mark) => _committer?.CommittedAsync(mark) ?? Task.CompletedTask;

    /// <summary>Stores <paramref name="encoded"/> if the object still is <paramref name="expected"/> (null: absent); else answers null and changes nothing.</summary>
    public StoredObject? TryPut(GroupResource resource, EncodedObject encoded, StoredObject? expected)
    {
        var bucket = BucketOf(resource);
        Change change;
        TaskCompletionSource? wake;
        lock (_gate)
        {
            var objects = bucket.Latest.Objects;
            if (!ReferenceEquals(objects.Find(encoded.Facts.Key), expected))
            {
                return null;
            }

            var stored = StoredObject.At(_latest + 1, encoded);
            change = new Change(_latest + 1, expected, stored);
            wake = Write_NeedsGate(bucket, change, objects.With(stored));
        }

        Tell(bucket, wake);
        return change.After;
    }

    /// <summary>Stores several objects if each still is what is expected of it, in their order; else answers null and changes nothing.</summary>
    public IReadOnlyList<StoredObject>? TryPut(IReadOnlyList<ExpectedPut> puts)
    {
        var written = new List<(Bucket Bucket, StoredObject Stored, TaskCompletionSource? Wake)>(puts.Count);
        lock (_gate)
        {
            if (puts.Any(put => !ReferenceEquals(BucketOf(put.Resource).Latest.Objects.Find(put.Encoded.Facts.Key), put.Expected)))
            {
                return null;
            }

            foreach (var put in puts)
            {
                var bucket = BucketOf(put.Resource);
                var stored = StoredObject.At(_latest + 1, put.Encoded);
                var change = new Change(_latest + 1, put.Expected, stored);
                written.Add((bucket, stored, Write_NeedsGate(bucket, change, bucket.Latest.Objects.With(stored))));
            }
        }

        foreach (var (bucket, _, wake) in written)
        {
            Tell(bucket, wake);
        }

        return [.. written.Select(write => write.Stored)];
    }

    /// <summary>Removes an object if it still is <paramref name="expected"/>; answers it with the revision of its removal, or null when it had changed.</summary>
    public StoredObject? TryRemove(GroupResource resource, StoredObject expected)
    {
        var bucket = BucketOf(resource);
        Change change;
        TaskCompletionSource? wake;
        lock (_gate)
        {
            var objects = bucket.Latest.Objects;
            if (!ReferenceEquals(objects.Find(expected.Key), expected))
            {
                return null;
            }

            change = new Change(_latest + 1, expected, null);
            wake = Write_NeedsGate(bucket, change, objects.Without(expected.Key));
        }

        Tell(bucket, wake);
        return expected.At(change.Revision);
    }

    /// <summary>Calls <paramref name="observer"/> with every change of a resource, in order, one at a time, on the thread that committed it, after it is visible.
    /// The observer may write itself: what it causes is told after it has returned.</summary>
    public void Observe(GroupResource resource, Action<Change> observer) => BucketOf(resource).Observers.Add(observer);

    /// <summary>Drops the logged changes of all resources: every older revision is now too old.</summary>
    public void Compact()
    {
        foreach (var bucket in _buckets.Values)
        {
            bucket.Log.Compact(CommittedRevision);
        }
    }

    /// <summary>Writes out what is under way, where objects are kept on a disk.</summary>
    public ValueTask DisposeAsync() => _committer?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>From now on writes go to a disk. Before the first write only.</summary>
    internal void KeepIn(Func<Lock, Committer> committer) => _committer = committer(_gate);

    /// <summary>Puts all objects of a resource in, in the order of their keys, without any change. Before the first write only.</summary>
    internal void Restore(GroupResource resource, IReadOnlyList<StoredObject> sorted)
    {
        if (sorted.Count > 0)
        {
            var bucket = BucketOf(resource);
            bucket.Latest = bucket.Committed = new BucketState(ObjectTree.Of(sorted), _committed);
        }
    }

    /// <summary>Repeats a write. Before the first write only.</summary>
    /// <exception cref="FormatException">It is not the next one.</exception>
    internal void Replay(GroupResource resource, StoredObject stored)
    {
        var bucket = BucketOf(resource);
        var objects = bucket.Latest.Objects;
        Replay(bucket, new Change(stored.Revision, objects.Find(stored.Key), stored), objects.With(stored));
    }

    /// <summary>Repeats a removal. Before the first write only.</summary>
    /// <exception cref="FormatException">It is not the next write, or nothing is there to be removed.</exception>
    internal void Replay(GroupResource resource, ObjectKey key, long revision)
    {
        var bucket = BucketOf(resource);
        var objects = bucket.Latest.Objects;
        var before = objects.Find(key) ?? throw new FormatException($"{resource} {key} is removed and was not there");
        Replay(bucket, new Change(revision, before, null), objects.Without(key));
    }

    /// <summary>The committed objects of all resources, at the committed revision. On the thread that commits.</summary>
    internal IReadOnlyList<(GroupResource Resource, ObjectTree Objects)> States() => [.. _buckets.Select(b => (b.Key, b.Value.Committed.Objects))];

    /// <summary>Shows everybody the writes up to a revision: they are on the disk. On the thread that commits.</summary>
    /// <param name="revision">The last one.</param>
    /// <param name="faulted">Is told what an observer threw: the write has happened, and the others are told.</param>
    internal void Commit(long revision, Action<Exception> faulted)
    {
        var told = new List<(Bucket Bucket, TaskCompletionSource Wake)>();
        lock (_gate)
        {
            while (_uncommitted.TryPeek(out var next) && next.Change.Revision <= revision)
            {
                _uncommitted.Dequeue();
                told.Add((next.Bucket, Commit_NeedsGate(next.Bucket, next.Change, next.State)));
            }
        }

        foreach (var (bucket, wake) in told)
        {
            try
            {
                Tell(bucket, wake);
            }
            catch (Exception e)
            {
                faulted(e);
            }
        }
    }

    /// <summary>Forgets the writes that are not committed.</summary>
    internal void TakeBack_NeedsGate()
    {
        foreach (var write in _uncommitted)
        {
            write.Bucket.Latest = write.Bucket.Committed;
        }

        _uncommitted.Clear();
        Volatile.Write(ref _latest, _committed);
        Volatile.Write(ref _takenBack, _takenBack + 1);
    }

    private void Replay(Bucket bucket, Change change, ObjectTree objects)
    {
        if (change.Revision != _latest + 1)
        {
            throw new FormatException($"revision {change.Revision} follows revision {_latest}");
        }

        bucket.Latest = new BucketState(objects, change.Revision);
        _latest = change.Revision;
        Commit_NeedsGate(bucket, change, bucket.Latest);
    }

    // Null: it is committed later, and told then.
    private TaskCompletionSource? Write_NeedsGate(Bucket bucket, Change change, ObjectTree objects)
    {
        var state = new BucketState(objects, change.Revision);
        bucket.Latest = state;
        Volatile.Write(ref _latest, change.Revision);
        if (_committer is null)
        {
            return Commit_NeedsGate(bucket, change, state);
        }

        _committer.Append_NeedsGate(bucket.Resource, change);
        _uncommitted.Enqueue(new(bucket, change, state));
        return null;
    }

    private TaskCompletionSource Commit_NeedsGate(Bucket bucket, Change change, BucketState state)
    {
        var wake = bucket.Log.Append(change);
        bucket.Committed = state;
        Volatile.Write(ref _committed, change.Revision);
        if (!bucket.Observers.IsEmpty)
        {
            bucket.Unobserved.Enqueue(change);
        }

        return wake;
    }

    private static void Tell(Bucket bucket, TaskCompletionSource? wake)
    {
        if (wake is not null)
        {
            wake.TrySetResult();
            bucket.Notify();
        }
    }

    private Bucket BucketOf(GroupResource resource) => _buckets.TryGetValue(resource, out var bucket) ? bucket : _buckets.GetOrAdd(resource, r => new Bucket(r, _newLog()));

    private readonly record struct Uncommitted(Bucket Bucket, Change Change, BucketState State);

    private sealed class Bucket(GroupResource resource, ChangeLog log)
    {
        private static readonly BucketState Empty = new(ObjectTree.Empty, 0);
        private volatile BucketState _latest = Empty;
        private volatile BucketState _committed = Empty;
        private int _observing;

        public GroupResource Resource { get; } = resource;

        /// <summary>With every write that has returned.</summary>
        public BucketState Latest
        {
            get => _latest;
            set => _latest = value;
        }

        /// <summary>What clients see.</summary>
        public BucketState Committed
        {
            get => _committed;
            set => _committed = value;
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

/// <summary>A write that holds if the object still is what is expected of it; null: absent.</summary>
internal readonly record struct ExpectedPut(GroupResource Resource, EncodedObject Encoded, StoredObject? Expected);

/// <summary>The objects of one resource, and the revision of its last write.</summary>
internal sealed record BucketState(ObjectTree Objects, long Revision);

/// <summary>All objects of one resource at one revision.</summary>
internal readonly record struct Snapshot(ObjectTree Objects, long Revision);
