namespace Capstan.Testing.Faults;

/// <summary>Stands between the handler and the client, and writes only.</summary>
internal abstract class BodyFilter(Stream inner) : Stream
{
    protected Stream Inner { get; } = inner;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => throw new NotSupportedException();

    public override Task FlushAsync(CancellationToken cancellationToken) => Inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
}

/// <summary>Resets the connection after some bytes.</summary>
internal sealed class ResetBody(Stream inner, int left, FaultedRequest request) : BodyFilter(inner)
{
    private int _left = left;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left < 0)
        {
            return;
        }

        var sent = buffer[..Math.Min(_left, buffer.Length)];
        _left -= buffer.Length;
        if (sent.Length > 0)
        {
            await Inner.WriteAsync(sent, cancellationToken);
            await Inner.FlushAsync(cancellationToken);
        }

        if (_left < 0)
        {
            request.Reset();
        }
    }

    // Nothing may tell the client of an answer that is lost, not even its headers.
    public override Task FlushAsync(CancellationToken cancellationToken) => _left < 0 ? Task.CompletedTask : Inner.FlushAsync(cancellationToken);
}
