using Microsoft.Extensions.Logging;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>Brings back what a data directory holds: the newest snapshot, and the logs that follow it.</summary>
internal static class Recovery
{
    /// <summary>Reads everything, and answers the store with the log that goes on.</summary>
    /// <param name="directory">Locked.</param>
    /// <param name="newStore">Makes a store whose first revision is given.</param>
    /// <param name="logger">Is told what was found, and what was cut off.</param>
    /// <exception cref="DataDirectoryException">Acknowledged writes would be lost; nothing was changed.</exception>
    public static Recovered Run(DataDirectory directory, Func<long, Store> newStore, ILogger logger)
    {
        try
        {
            return Read(directory, newStore, logger);
        }
        catch (Exception e) when (e is IOException and not DataDirectoryException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"the data directory {directory.Path} cannot be read: {e.Message}", e);
        }
    }

    private static Recovered Read(DataDirectory directory, Func<long, Store> newStore, ILogger logger)
    {
        // 1. The state at the newest snapshot. A snapshot has its name only once it is whole.
        Store store;
        long snapshotBytes = 0;
        var logs = directory.Logs();
        if (directory.Snapshots() is [.., var newest])
        {
            snapshotBytes = SnapshotFile.Read(newest.File, newStore, out store);
            logs = [.. logs.SkipWhile(l => l.Revision < newest.Revision)];
            if (logs.Count == 0 || logs[0].Revision != newest.Revision)
            {
                throw new DataDirectoryException($"{directory.LogAfter(newest.Revision)} is missing: the writes after {newest.File} would be lost");
            }
        }
        else
        {
            store = newStore(Store.FirstRevision);
            if (logs.Count > 0 && logs[0].Revision != Store.FirstRevision)
            {
                throw new DataDirectoryException($"the snapshot before {logs[0].File} is missing: acknowledged writes would be lost");
            }
        }

        // 2. A new directory.
        if (logs.Count == 0)
        {
            return new(store, LogWriter.Create(directory, store.Revision), 0, 0);
        }

        // 3. The changes since, log by log. Each but the last is whole up to where the next begins; behind that is only what failed and was never acknowledged.
        long logBytes = 0;
        for (var i = 0; i < logs.Count - 1; i++)
        {
            using var log = new BatchFile(logs[i].File, FileKind.Log);
            Replay(log, logs[i].Revision, logs[i + 1].Revision, store);
            logBytes += log.Length;
            if (store.Revision != logs[i + 1].Revision)
            {
                throw Damaged(log);
            }
        }

        // 4. The last may end in the middle of a write that a crash cut short. That write was never acknowledged, unless another one follows it.
        using var last = new BatchFile(logs[^1].File, FileKind.Log);
        Replay(last, logs[^1].Revision, long.MaxValue, store);
        if (last.Offset < last.Length)
        {
            if (last.FindBatchBehind(store.Revision) >= 0)
            {
                throw Damaged(last);
            }

            StorageLog.CutOff(logger, last.Name, last.Offset, last.Length - last.Offset);
        }

        StorageLog.Recovered(logger, directory.Path, store.Revision);
        return new(store, LogWriter.Continue(directory, last.Name, last.Header, last.Offset), logBytes, snapshotBytes);
    }

    private static void Replay(BatchFile log, long named, long until, Store store)
    {
        if (log.Header.Base != named || named != store.Revision)
        {
            throw new DataDirectoryException($"{log.Name} holds the changes after revision {log.Header.Base}, and should those after {store.Revision}: acknowledged writes would be lost");
        }

        while (store.Revision < until)
        {
            var at = log.Offset;
            if (!log.TryRead(out var batch, out var bytes))
            {
                return;
            }

            try
            {
                Replay(batch, bytes.Span, store);
            }
            catch (Exception e) when (e is FormatException or System.Text.Json.JsonException)
            {
                throw new DataDirectoryException($"{log.Name} cannot be understood at offset {at}, although its checksum is right: {e.Message}", e);
            }
        }
    }

    private static void Replay(BatchHeader batch, ReadOnlySpan<byte> bytes, Store store)
    {
        if (batch.First != store.Revision + 1)
        {
            throw new FormatException($"revision {batch.First} follows revision {store.Revision}");
        }

        var records = new RecordReader(bytes);
        while (records.Read())
        {
            switch (records.Kind)
            {
                case RecordKind.Put:
                    store.Replay(records.Resource, StoredObject.Read(records.Json));
                    break;
                case RecordKind.Remove:
                    store.Replay(records.Resource, records.Key, records.Number);
                    break;
                default:
                    throw new FormatException("an end in a log");
            }
        }

        if (store.Revision != batch.First + batch.Count - 1)
        {
            throw new FormatException($"{batch.Count} records from revision {batch.First} ended at {store.Revision}");
        }
    }

    private static DataDirectoryException Damaged(BatchFile log) =>
        new($"{log.Name} is damaged at offset {log.Offset}, and later writes follow: acknowledged writes would be lost");
}

/// <summary>What was read, and where to go on.</summary>
/// <param name="Store">With all objects.</param>
/// <param name="Log">To write to.</param>
/// <param name="LogBytes">Length of the logs before that one.</param>
/// <param name="SnapshotBytes">Length of the snapshot.</param>
internal sealed record Recovered(Store Store, LogWriter Log, long LogBytes, long SnapshotBytes);
