using System.Buffers;
using Capstan.Cluster.Node.Serving.Spdy;

namespace Capstan.Cluster.Node.Serving.Streams;

/// <summary>The streams of a command over SPDY: the client opens each, and says in its header <c>streamType</c> which it is.</summary>
internal sealed class SpdyCommandStreams : CommandStreams
{
    private readonly SpdyConnection _connection;
    private readonly bool _tellsStatus;
    private readonly CancellationTokenSource _ended = new();
    private readonly Dictionary<string, SpdyStream> _streams = new(StringComparer.OrdinalIgnoreCase);
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private Task _typing = Task.CompletedTask;
    private Task _sizing = Task.CompletedTask;

    /// <param name="connection">Disposed with this.</param>
    /// <param name="version">Of the protocol: from 4 on the end is a Status.</param>
    /// <param name="expected">The streams that the client is going to open.</param>
    public SpdyCommandStreams(SpdyConnection connection, int version, IReadOnlyCollection<string> expected)
    {
        _connection = connection;
        _tellsStatus = version >= 4;
        _running = RunAsync(expected);
    }

    /// <summary>Done when all streams are there.</summary>
    /// <exception cref="IOException">The client left before.</exception>
    public Task Complete => _complete.Task;

    public override async ValueTask WriteAsync(bool isError, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (_streams.TryGetValue(isError ? "stderr" : "stdout", out var stream))
        {
            await stream.WriteAsync(bytes, cancellation);
        }
    }

    public override async Task EndAsync(CommandEnd end, CancellationToken cancellation)
    {
        if (_streams.TryGetValue("error", out var error) && (_tellsStatus ? end.ToStatus() : end.ToText()) is { Length: > 0 } told)
        {
            await error.WriteAsync(told, cancellation);
        }

        foreach (var stream in _streams.Values)
        {
            await stream.CloseAsync(cancellation);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAll(_running, _typing, _sizing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _connection.Dispose();
        _ended.Dispose();
        await base.DisposeAsync();
    }

    private async Task RunAsync(IReadOnlyCollection<string> expected)
    {
        try
        {
            await _connection.RunAsync(
                stream =>
                {
                    if (stream.Header("streamtype") is not { } type || !expected.Contains(type) || !_streams.TryAdd(type, stream))
                    {
                        return false;
                    }

                    if (_streams.Count == expected.Count)
                    {
                        _typing = _streams.TryGetValue("stdin", out var input) ? TypeAsync(input) : Task.CompletedTask;
                        _sizing = _streams.TryGetValue("resize", out var sizes) ? SizeAsync(sizes) : Task.CompletedTask;
                        _complete.TrySetResult();
                    }

                    return true;
                },
                _ended.Token);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException)
        {
            // The client left, or the command has ended.
        }
        finally
        {
            _complete.TrySetException(new IOException("the client has left"));
            await LeaveAsync();
        }
    }

    private async Task TypeAsync(SpdyStream input)
    {
        try
        {
            await input.Input.CopyToAsync(Typed, _ended.Token);
        }
        finally
        {
            await Typed.CompleteAsync();
        }
    }

    private async Task SizeAsync(SpdyStream sizes)
    {
        while (true)
        {
            // One size a line.
            var read = await sizes.Input.ReadAsync(_ended.Token);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'}') is { } end)
            {
                var after = rest.GetPosition(1, end);
                Resize(rest.Slice(0, after).ToArray());
                rest = rest.Slice(after);
            }

            sizes.Input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }
}
