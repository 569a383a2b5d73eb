using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace Capstan.Cluster.Node.Serving.Streams;

/// <summary>A WebSocket whose messages begin with the number of a channel: <c>channel.k8s.io</c> in bytes, <c>base64.channel.k8s.io</c> in text.</summary>
/// <remarks>One reader, any number of writers.</remarks>
internal sealed class ChannelSocket(WebSocket socket, bool isBase64) : IDisposable
{
    /// <summary>In version 5, this channel says which other has ended.</summary>
    public const byte Close = 255;

    // A message of a client is a buffer of its own making; more than this at once is nobody's input.
    private const int MaxMessage = 4 << 20;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ArrayBufferWriter<byte> _message = new(32 << 10);

    /// <summary>The next message, valid until the next call; null when the client has left.</summary>
    public async ValueTask<(byte Channel, ReadOnlyMemory<byte> Bytes)?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            _message.ResetWrittenCount();
            ValueWebSocketReceiveResult part;
            do
            {
                try
                {
                    part = await socket.ReceiveAsync(_message.GetMemory(32 << 10), cancellation);
                }
                catch (WebSocketException)
                {
                    return null;
                }

                if (part.MessageType == WebSocketMessageType.Close || _message.WrittenCount + part.Count > MaxMessage)
                {
                    return null;
                }

                _message.Advance(part.Count);
            }
            while (!part.EndOfMessage);

            if (_message.WrittenCount == 0)
            {
                continue;
            }

            var channel = _message.WrittenSpan[0];
            var bytes = _message.WrittenMemory[1..];
            if (!isBase64)
            {
                return (channel, bytes);
            }

            try
            {
                return ((byte)(channel - '0'), Convert.FromBase64String(Encoding.ASCII.GetString(bytes.Span)));
            }
            catch (FormatException)
            {
                return null;
            }
        }
    }

    /// <exception cref="IOException">The client has left.</exception>
    public async ValueTask WriteAsync(byte channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        byte[] message = isBase64 ? [(byte)('0' + channel), .. Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes.Span))] : [channel, .. bytes.Span];
        await _writing.WaitAsync(cancellation);
        try
        {
            await socket.SendAsync(message, isBase64 ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: true, cancellation);
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException or ObjectDisposedException)
        {
            throw new IOException("the client has left", e);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Says goodbye.</summary>
    public async Task CloseAsync(CancellationToken cancellation)
    {
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellation);
        }
        catch (Exception e) when (e is WebSocketException or IOException or InvalidOperationException)
        {
            // It has left before.
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        _writing.Dispose();
    }
}
