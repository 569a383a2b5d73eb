using Microsoft.Extensions.Logging;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>Brings changes to the disk, all that have gathered at once: while one batch is flushed the next one fills.</summary>
/// <remarks>
/// A thread of its own writes, flushes and tells the store, which only then shows the changes to readers and watchers. Where a batch cannot be
/// written, it and the one that fills are taken back, as nobody has seen them; the next write tries again, in a new log.
/// </remarks>
internal sealed class Committer : IAsyncDisposable
{
    private readonly DataDirectory _directory;
    private readonly Store _store;
    private readonly Lock _gate;
    private readonly ILogger _logger;
    private readonly Compaction _compaction;
    private readonly SemaphoreSlim _work = new(0);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Under the gate.
    private Batch _filling = new();
    private Batch? _flying;
    private bool _stopping;
    private StorageException? _lastFailure;

    // Of the thread.
    private Batch _spare = new();
    private LogWriter _log;
    private bool _failing;

    /// <param name="directory">Locked; goes with this.</param>
    /// <param name="recovered">What was in it.</param>
    /// <param name="gate">The store's.</param>
    /// <param name="logger">Is told of disks that are full.</param>
    public Committer(DataDirectory directory, Recovered recovered, Lock gate, ILogger logger)
    {
        _directory = directory;
        _store = recovered.Store;
        _log = recovered.Log;
        _gate = gate;
        _logger = logger;
        _compaction = new Compaction(directory, recovered.LogBytes, recovered.SnapshotBytes, logger);
        new Thread(Run) { IsBackground = true, Name = "capstan storage" }.Start();
    }

    /// <summary>Adds a change to the batch that fills.</summary>
    public void Append_NeedsGate(GroupResource resource, Change change)
    {
        if (change.After is { } after)
        {
            _filling.Records.Put(resource, after.Json.Span);
        }
        else
        {
            _filling.Records.Remove(resource, change.Key, change.Revision);
        }

        _filling.Last = change.Revision;
        if (_filling.Records.Count == 1)
        {
            _work.Release();
        }
    }

    /// <summary>Completes when everything that was appended is on the disk and visible; fails with <see cref="StorageException"/> when it was taken back.</summary>
    public Task CommittedAsync(int mark)
    {
        lock (_gate)
        {
            // A batch may have failed before anybody waited for it.
            if (mark != _store.Mark)
            {
                return Task.FromException(_lastFailure!);
            }

            return _filling.Records.Count > 0 ? _filling.Done.Task : _flying?.Done.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>Brings to the disk what is under way, and lets go of the directory.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
        }

        _work.Release();
        await _ended.Task;
        await _compaction.DisposeAsync();
        _log.Dispose();
        _work.Dispose();
        _directory.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _work.Wait();
            lock (_gate)
            {
                if (_filling.Records.Count > 0)
                {
                    (_flying, _filling) = (_filling, _spare);
                }
                else if (_stopping)
                {
                    break;
                }
                else
                {
                    continue;
                }
            }

            var batch = _flying;
            if (TryWrite(batch))
            {
                _store.Commit(batch.Last, e => StorageLog.ObserverFailed(_logger, e));
                Finish(batch);
                _log = _compaction.Consider(_log, _store);
            }

            _spare = batch.Reset();
        }

        _ended.SetResult();
    }

    private bool TryWrite(Batch batch)
    {
        try
        {
            if (_log.IsBroken)
            {
                var next = LogWriter.Create(_directory, _store.CommittedRevision);
                _compaction.Add(_log);
                _log.Dispose();
                _log = next;
            }

            _log.Write(batch.Records.Finish(batch.Last - batch.Records.Count + 1, _log.Header.Seed));
        }
        catch (Exception e)
        {
            Fail(batch, e);
            return false;
        }

        if (_failing)
        {
            _failing = false;
            StorageLog.Working(_logger, _directory.Path);
        }

        return true;
    }

    private void Finish(Batch batch)
    {
        lock (_gate)
        {
            _flying = null;
        }

        batch.Done.SetResult();
    }

    private void Fail(Batch batch, Exception cause)
    {
        if (!_failing)
        {
            _failing = true;
            StorageLog.Failing(_logger, _directory.Path, cause.Message);
        }

        var failure = new StorageException($"the data directory cannot be written: {cause.Message}", cause);
        TaskCompletionSource? next = null;
        lock (_gate)
        {
            _lastFailure = failure;
            // What fills was made from what failed.
            _store.TakeBack_NeedsGate();
            if (_filling.Records.Count > 0)
            {
                next = _filling.Done;
                _filling.Reset();
            }

            _flying = null;
        }

        batch.Done.SetException(failure);
        next?.SetException(failure);
    }

    private sealed class Batch
    {
        public Batch() => Reset();

        public BatchBuffer Records { get; } = new();

        public long Last { get; set; }

        public TaskCompletionSource Done { get; private set; } = null!;

        public Batch Reset()
        {
            Records.Clear();
            Done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return this;
        }
    }
}

/// <summary>A write could not be brought to the disk and was taken back.</summary>
internal sealed class StorageException(string message, Exception cause) : Exception(message, cause);
