using Microsoft.Win32.SafeHandles;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>The log that is written to: each batch is on the disk when <see cref="Write"/> returns. Not thread-safe.</summary>
internal sealed class LogWriter : IDisposable
{
    private readonly DataDirectory _directory;
    private readonly SafeFileHandle _handle;

    private LogWriter(DataDirectory directory, string file, FileHeader header, long end)
    {
        _directory = directory;
        _handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        Header = header;
        Length = end;
    }

    public FileHeader Header { get; }

    /// <summary>Where the next batch goes.</summary>
    public long Length { get; private set; }

    /// <summary>Whether a write failed: nobody knows what is behind <see cref="Length"/> then, and nothing more must be written here.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Begins a log of the revisions after <paramref name="revision"/>.</summary>
    public static LogWriter Create(DataDirectory directory, long revision)
    {
        var header = FileHeader.New(FileKind.Log, revision);
        var file = directory.LogAfter(revision);
        directory.Create(file, stream => stream.Write(header));
        return new LogWriter(directory, file, FileHeader.Read(header, FileKind.Log, file), FileHeader.Size);
    }

    /// <summary>Goes on with a log that was read, at <paramref name="end"/>; what is behind that is cut off.</summary>
    public static LogWriter Continue(DataDirectory directory, string file, FileHeader header, long end)
    {
        var log = new LogWriter(directory, file, header, end);
        if (RandomAccess.GetLength(log._handle) > end)
        {
            RandomAccess.SetLength(log._handle, end);
            RandomAccess.FlushToDisk(log._handle);
        }

        return log;
    }

    /// <exception cref="IOException">It could not be written: the log is broken.</exception>
    public void Write(ReadOnlyMemory<byte> batch)
    {
        try
        {
            _directory.OnWrite?.Invoke(batch.Length);
            RandomAccess.Write(_handle, batch.Span, Length);
            RandomAccess.FlushToDisk(_handle);
            Length += batch.Length;
        }
        catch
        {
            IsBroken = true;
            TryTruncate();
            throw;
        }
    }

    public void Dispose() => _handle.Dispose();

    // Gives back the room, no more: what counts is that the next log says where this one ends.
    private void TryTruncate()
    {
        try
        {
            RandomAccess.SetLength(_handle, Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then not.
        }
    }
}
