namespace Capstan.Cluster.Node.Processes;

/// <summary>A stream whose reads and writes block, such as a pipe or a terminal: waiting for them is done on threads of their own, not on those that everybody shares.</summary>
/// <param name="read">Reads; 0 at the end.</param>
/// <param name="write">Writes all.</param>
/// <param name="close">Called once, when it is closed.</param>
internal sealed class OffloadedStream(OffloadedStream.Reading read, OffloadedStream.Writing write, Action close) : Stream
{
    private int _closed;

    public delegate int Reading(Span<byte> buffer);

    public delegate void Writing(ReadOnlySpan<byte> buffer);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Over a stream.</summary>
    public static OffloadedStream Of(Stream inner) => new(
        inner.Read,
        buffer =>
        {
            inner.Write(buffer);
            inner.Flush();
        },
        inner.Dispose);

    /// <summary>That the other end is closed is the end of the stream.</summary>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return read(buffer);
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException)
        {
            return 0;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(OnThread(() => Read(buffer.Span)).WaitAsync(cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <exception cref="IOException">Nobody reads any more.</exception>
    public override void Write(ReadOnlySpan<byte> buffer) => write(buffer);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => new(OnThread(() =>
    {
        Write(buffer.Span);
        return 0;
    }).WaitAsync(cancellationToken));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _closed, 1) == 0)
        {
            close();
        }

        base.Dispose(disposing);
    }

    private static Task<int> OnThread(Func<int> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
