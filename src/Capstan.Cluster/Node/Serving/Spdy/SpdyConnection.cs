using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace Capstan.Cluster.Node.Serving.Spdy;

/// <summary>
/// One end of SPDY/3.1, as kubectl and kubelets speak it after an upgrade: streams with headers, data, FIN, reset and pings. There is no flow control in it,
/// as there is none at their ends: a stream that nobody reads holds the whole connection back.
/// </summary>
/// <remarks><see cref="RunAsync"/> reads; writes may come from any thread.</remarks>
internal sealed class SpdyConnection(Stream transport, bool isClient) : IDisposable
{
    internal const uint RefusedStream = 3;
    internal const uint Cancel = 5;
    private const uint InvalidStream = 2;
    private const int MaxControl = 64 << 10;
    private const int MaxStreams = 1000;
    private const int Chunk = 32 << 10;
    private const uint IdMask = 0x7fffffff;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly HeaderWriter _headers = new();
    private readonly ConcurrentDictionary<uint, SpdyStream> _streams = new();
    private uint _nextId = isClient ? 1u : 2u;

    /// <summary>Reads until the other end goes away.</summary>
    /// <param name="accept">Takes a stream that the other end has opened; false refuses it. Must return at once.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InvalidDataException">The other end does not speak SPDY/3.</exception>
    /// <exception cref="IOException">The transport failed.</exception>
    public async Task RunAsync(Func<SpdyStream, bool> accept, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxControl);
        using var reader = new HeaderReader();
        Exception? fault = new IOException("the connection has ended");
        try
        {
            while (await transport.ReadAtLeastAsync(buffer.AsMemory(0, SpdyFrame.Size), SpdyFrame.Size, throwOnEndOfStream: false, cancellation) == SpdyFrame.Size)
            {
                var frame = SpdyFrame.Read(buffer);
                if (frame.Type is null)
                {
                    await ReadDataAsync(frame, buffer, cancellation);
                    continue;
                }

                if (frame.Length > MaxControl)
                {
                    throw new InvalidDataException("a control frame that is too large");
                }

                await transport.ReadExactlyAsync(buffer.AsMemory(0, frame.Length), cancellation);
                if (frame.Type == FrameType.GoAway)
                {
                    return;
                }

                await HandleAsync(frame, buffer.AsMemory(0, frame.Length), reader, accept, cancellation);
            }
        }
        catch (Exception e)
        {
            fault = e;
            throw;
        }
        finally
        {
            foreach (var id in _streams.Keys)
            {
                await EndAsync(id, fault);
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Opens a stream. The other end may refuse it later, which resets it.</summary>
    /// <exception cref="IOException">The connection has ended.</exception>
    public async Task<SpdyStream> OpenAsync(IReadOnlyDictionary<string, string> headers, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            var stream = new SpdyStream(this, _nextId, headers);
            _nextId += 2;
            _streams[stream.Id] = stream;
            var block = _headers.Write(headers);
            var frame = Control(FrameType.SynStream, 10 + block.Length, stream.Id);
            block.CopyTo(frame.AsSpan(SpdyFrame.Size + 10));
            await transport.WriteAsync(frame, cancellation);
            await transport.FlushAsync(cancellation);
            return stream;
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    internal async ValueTask WriteDataAsync(uint id, ReadOnlyMemory<byte> bytes, bool last, CancellationToken cancellation)
    {
        do
        {
            var part = bytes[..Math.Min(bytes.Length, Chunk)];
            bytes = bytes[part.Length..];
            var frame = new byte[SpdyFrame.Size + part.Length];
            new SpdyFrame(null, id, last && bytes.IsEmpty, part.Length).Write(frame);
            part.Span.CopyTo(frame.AsSpan(SpdyFrame.Size));
            await SendAsync(frame, cancellation);
        }
        while (!bytes.IsEmpty);
    }

    internal async ValueTask ResetAsync(uint id, uint status, CancellationToken cancellation)
    {
        var frame = Control(FrameType.RstStream, 8, id);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(SpdyFrame.Size + 4), status);
        await EndAsync(id, new IOException("the stream was reset"));
        await SendAsync(frame, cancellation);
    }

    private async Task HandleAsync(SpdyFrame frame, ReadOnlyMemory<byte> body, HeaderReader reader, Func<SpdyStream, bool> accept, CancellationToken cancellation)
    {
        switch (frame.Type)
        {
            case FrameType.SynStream when body.Length >= 10:
                await AcceptAsync(Id(body), frame.IsLast, reader.Read(body.Span[10..]), accept, cancellation);
                break;
            case FrameType.SynReply or FrameType.Headers when body.Length >= 4:
                // Of no interest, but part of the one stream that all headers are.
                reader.Read(body.Span[4..]);
                if (frame.IsLast)
                {
                    await EndAsync(Id(body), null);
                }

                break;
            case FrameType.RstStream when body.Length >= 8:
                await EndAsync(Id(body), new IOException("the stream was reset"));
                break;
            case FrameType.Ping when body.Length >= 4:
                if (Id(body) % 2 == (isClient ? 0 : 1))
                {
                    await SendAsync(Control(FrameType.Ping, 4, Id(body)), cancellation);
                }

                break;
        }
    }

    private async Task AcceptAsync(uint id, bool last, Dictionary<string, string> headers, Func<SpdyStream, bool> accept, CancellationToken cancellation)
    {
        var stream = new SpdyStream(this, id, headers);
        if (id % 2 == (isClient ? 1 : 0) || _streams.Count >= MaxStreams || !_streams.TryAdd(id, stream))
        {
            await SendAsync(Reset(id, RefusedStream), cancellation);
            return;
        }

        // The reply comes first: whoever takes the stream may write at once.
        await ReplyAsync(id, cancellation);
        if (last)
        {
            await stream.Incoming.CompleteAsync();
        }

        if (!accept(stream))
        {
            await ResetAsync(id, RefusedStream, cancellation);
        }
    }

    private async Task ReplyAsync(uint id, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            var block = _headers.Write(new Dictionary<string, string>());
            var frame = Control(FrameType.SynReply, 4 + block.Length, id);
            block.CopyTo(frame.AsSpan(SpdyFrame.Size + 4));
            await transport.WriteAsync(frame, cancellation);
            await transport.FlushAsync(cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadDataAsync(SpdyFrame frame, byte[] buffer, CancellationToken cancellation)
    {
        var known = _streams.TryGetValue(frame.Stream, out var stream);
        for (var left = frame.Length; left > 0;)
        {
            var part = buffer.AsMemory(0, Math.Min(left, Chunk));
            await transport.ReadExactlyAsync(part, cancellation);
            left -= part.Length;
            if (known)
            {
                await stream!.Incoming.WriteAsync(part, cancellation);
            }
        }

        if (!known)
        {
            await SendAsync(Reset(frame.Stream, InvalidStream), cancellation);
        }
        else if (frame.IsLast)
        {
            await EndAsync(frame.Stream, null);
        }
    }

    /// <summary>Nothing more comes on the stream.</summary>
    private async ValueTask EndAsync(uint id, Exception? fault)
    {
        if (_streams.TryRemove(id, out var stream))
        {
            await stream.Incoming.CompleteAsync(fault);
        }
    }

    private async Task SendAsync(byte[] frame, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await transport.WriteAsync(frame, cancellation);
            await transport.FlushAsync(cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static byte[] Reset(uint id, uint status)
    {
        var frame = Control(FrameType.RstStream, 8, id);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(SpdyFrame.Size + 4), status);
        return frame;
    }

    private static byte[] Control(FrameType type, int length, uint id)
    {
        var frame = new byte[SpdyFrame.Size + length];
        new SpdyFrame(type, 0, false, length).Write(frame);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(SpdyFrame.Size), id);
        return frame;
    }

    private static uint Id(ReadOnlyMemory<byte> body) => BinaryPrimitives.ReadUInt32BigEndian(body.Span) & IdMask;
}
