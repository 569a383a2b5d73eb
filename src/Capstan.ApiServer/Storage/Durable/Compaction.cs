using Microsoft.Extensions.Logging;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>Keeps the log short: when it has grown as long as what it describes, a snapshot takes its place, written beside the work of the server.</summary>
/// <remarks>Called by the thread of the <see cref="Committer"/>.</remarks>
internal sealed class Compaction(DataDirectory directory, long logBytes, long snapshotBytes, ILogger logger) : IAsyncDisposable
{
    private const long LeastLog = 64 << 20;

    private Task<long?> _writing = Task.FromResult<long?>(snapshotBytes);

    // Of the logs before the one that is written, since the last snapshot that was begun.
    private long _logBytes = logBytes;
    private long _snapshotBytes = snapshotBytes;

    /// <summary>Counts a log that is written no more.</summary>
    public void Add(LogWriter log) => _logBytes += log.Length;

    /// <summary>Begins a snapshot if it is time for one.</summary>
    /// <returns>The log to write to from now on.</returns>
    public LogWriter Consider(LogWriter log, Store store)
    {
        if (_logBytes + log.Length < LeastLog + _snapshotBytes || !_writing.IsCompletedSuccessfully)
        {
            return log;
        }

        _snapshotBytes = _writing.Result ?? _snapshotBytes;
        if (_logBytes + log.Length < LeastLog + _snapshotBytes)
        {
            return log;
        }

        _logBytes = 0;
        LogWriter next;
        try
        {
            next = LogWriter.Create(directory, store.CommittedRevision);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StorageLog.NoSnapshot(logger, directory.Path, e.Message);
            return log;
        }

        log.Dispose();
        var states = store.States();
        var revision = next.Header.Base;
        _writing = Task.Factory.StartNew(() => Write(revision, states), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return next;
    }

    /// <summary>Waits for a snapshot that is being written.</summary>
    public async ValueTask DisposeAsync() => await _writing;

    private long? Write(long revision, IReadOnlyList<(GroupResource Resource, ObjectTree Objects)> states)
    {
        try
        {
            var length = SnapshotFile.Write(directory, revision, states);
            foreach (var (file, older) in directory.Logs().Concat(directory.Snapshots()))
            {
                if (older < revision)
                {
                    DataDirectory.TryDelete(file);
                }
            }

            return length;
        }
        catch (Exception e)
        {
            // The logs hold the same.
            StorageLog.NoSnapshot(logger, directory.Path, e.Message);
            return null;
        }
    }
}
