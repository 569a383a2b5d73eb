namespace Capstan.ApiServer.Storage.Durable;

/// <summary>A file with all objects at one revision, in the order of resources and keys.</summary>
internal static class SnapshotFile
{
    private const int BatchSize = 1 << 20;

    // So that a large snapshot does not leave so much unwritten that a flush of the log waits for it.
    private const long FlushEvery = 16 << 20;

    /// <summary>Writes one; returns its length.</summary>
    public static long Write(DataDirectory directory, long revision, IReadOnlyList<(GroupResource Resource, ObjectTree Objects)> states)
    {
        long length = 0;
        directory.Create(directory.SnapshotAt(revision), stream =>
        {
            var header = FileHeader.New(FileKind.Snapshot, revision);
            var seed = FileHeader.Read(header, FileKind.Snapshot, "").Seed;
            stream.Write(header);
            var batch = new BatchBuffer();
            batch.Clear();
            long batches = 0, objects = 0, unflushed = 0;

            void Flush()
            {
                directory.OnWrite?.Invoke(batch.Length);
                stream.Write(batch.Finish(batches++, seed).Span);
                unflushed += batch.Length;
                batch.Clear();
                if (unflushed > FlushEvery)
                {
                    stream.Flush(flushToDisk: true);
                    unflushed = 0;
                }
            }

            foreach (var (resource, tree) in states)
            {
                foreach (var stored in tree.From(default))
                {
                    batch.Put(resource, stored.Json.Span);
                    objects++;
                    if (batch.Length > BatchSize)
                    {
                        Flush();
                    }
                }
            }

            batch.End(objects);
            Flush();
            length = stream.Length;
        });
        return length;
    }

    /// <summary>Reads one into <paramref name="store"/>; returns its length.</summary>
    /// <exception cref="DataDirectoryException">It is damaged.</exception>
    public static long Read(string file, Func<long, Store> newStore, out Store store)
    {
        using var batches = new BatchFile(file, FileKind.Snapshot);
        store = newStore(batches.Header.Base);
        var objects = new List<StoredObject>();
        GroupResource resource = default;
        long count = 0, expected = -1, number = 0;
        while (batches.TryRead(out var batch, out var bytes) && batch.First == number++)
        {
            var records = new RecordReader(bytes.Span);
            while (records.Read())
            {
                if (records.Kind == RecordKind.End)
                {
                    expected = records.Number;
                    continue;
                }

                if (records.Resource != resource)
                {
                    store.Restore(resource, objects);
                    objects.Clear();
                    resource = records.Resource;
                }

                objects.Add(StoredObject.Read(records.Json));
                count++;
            }
        }

        store.Restore(resource, objects);
        return expected == count && batches.Offset == batches.Length
            ? batches.Length
            : throw new DataDirectoryException($"{file} is damaged at offset {batches.Offset}: acknowledged writes would be lost");
    }
}
