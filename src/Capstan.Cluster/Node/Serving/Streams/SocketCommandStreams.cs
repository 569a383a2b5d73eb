namespace Capstan.Cluster.Node.Serving.Streams;

/// <summary>The streams of a command over a WebSocket: channels 0 to 4 are input, output, errors, end and size.</summary>
internal sealed class SocketCommandStreams : CommandStreams
{
    private const byte Stdin = 0;
    private const byte Stdout = 1;
    private const byte Stderr = 2;
    private const byte End = 3;
    private const byte Size = 4;

    private readonly ChannelSocket _socket;
    private readonly bool _tellsStatus;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _reading;

    /// <param name="socket">Disposed with this.</param>
    /// <param name="version">Of the protocol: from 4 on the end is a Status.</param>
    public SocketCommandStreams(ChannelSocket socket, int version)
    {
        _socket = socket;
        _tellsStatus = version >= 4;
        _reading = ReadAsync();
    }

    public override ValueTask WriteAsync(bool isError, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => _socket.WriteAsync(isError ? Stderr : Stdout, bytes, cancellation);

    public override async Task EndAsync(CommandEnd end, CancellationToken cancellation)
    {
        if ((_tellsStatus ? end.ToStatus() : end.ToText()) is { Length: > 0 } told)
        {
            await _socket.WriteAsync(End, told, cancellation);
        }

        await _socket.CloseAsync(cancellation);
    }

    public override async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _ended.Dispose();
        await base.DisposeAsync();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _socket.ReadAsync(_ended.Token) is var (channel, bytes))
            {
                switch (channel)
                {
                    case Stdin when !bytes.IsEmpty:
                        await Typed.WriteAsync(bytes, _ended.Token);
                        break;
                    case Size:
                        Resize(bytes.Span);
                        break;
                    case ChannelSocket.Close when bytes.Span is [Stdin]:
                        await Typed.CompleteAsync();
                        break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The command has ended.
        }
        finally
        {
            await LeaveAsync();
        }
    }
}
