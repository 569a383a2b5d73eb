using System.Net.WebSockets;
using System.Text;

namespace Capstan.Client;

/// <summary>A connection to one port of a pod, carried by a WebSocket: each message begins with the number of its channel, 0 for bytes and 1 for what went wrong.</summary>
/// <remarks>As with a socket, one may read while another writes.</remarks>
internal sealed class PortForwardStream(ClientWebSocket socket, string description) : Stream
{
    /// <summary>The subprotocol that kubelets have always spoken.</summary>
    public const string Protocol = "v4.channel.k8s.io";

    private const byte DataChannel = 0;
    private const int PortLength = 2;
    private const int MostInOneMessage = 32 * 1024;

    private readonly byte[] _received = new byte[MostInOneMessage];
    private readonly byte[] _sent = new byte[MostInOneMessage + 1];
    private readonly SemaphoreSlim _sending = new(1, 1);

    // Each channel begins with the number of the port, in two bytes.
    private readonly int[] _portLeft = [PortLength, PortLength];
    private ReadOnlyMemory<byte> _unread;
    private int _channel = -1;
    private bool _ended;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_unread.IsEmpty && !_ended)
        {
            await ReceiveAsync(cancellationToken);
        }

        var count = Math.Min(buffer.Length, _unread.Length);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            for (; !buffer.IsEmpty; buffer = buffer[Math.Min(buffer.Length, MostInOneMessage)..])
            {
                var part = buffer[..Math.Min(buffer.Length, MostInOneMessage)];
                _sent[0] = DataChannel;
                part.CopyTo(_sent.AsMemory(1));
                await socket.SendAsync(_sent.AsMemory(0, part.Length + 1), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
            }
        }
        catch (WebSocketException broken)
        {
            throw new IOException($"{description}: {broken.Message}", broken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
        // Every write is sent at once.
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            socket.Dispose();
            _sending.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        ValueWebSocketReceiveResult result;
        try
        {
            result = await socket.ReceiveAsync(_received.AsMemory(), cancellationToken);
        }
        catch (WebSocketException broken)
        {
            throw new IOException($"{description}: {broken.Message}", broken);
        }

        if (result.MessageType == WebSocketMessageType.Close)
        {
            _ended = true;
            return;
        }

        // A long message comes in several pieces; its channel stands in the first.
        var piece = _received.AsMemory(0, result.Count);
        if (_channel < 0 && piece.Length > 0)
        {
            _channel = piece.Span[0];
            piece = piece[1..];
        }

        if (_channel is 0 or 1)
        {
            var ofPort = Math.Min(_portLeft[_channel], piece.Length);
            _portLeft[_channel] -= ofPort;
            piece = piece[ofPort..];
        }

        if (_channel == DataChannel)
        {
            _unread = piece;
        }
        else if (_channel > 0 && piece.Length > 0)
        {
            throw new IOException($"{description}: {Encoding.UTF8.GetString(piece.Span)}");
        }

        if (result.EndOfMessage)
        {
            _channel = -1;
        }
    }
}
