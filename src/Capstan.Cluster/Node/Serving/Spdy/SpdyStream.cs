using System.IO.Pipelines;

namespace Capstan.Cluster.Node.Serving.Spdy;

/// <summary>One stream of a connection. One reader and any number of writers.</summary>
internal sealed class SpdyStream(SpdyConnection connection, uint id, IReadOnlyDictionary<string, string> headers)
{
    // Who does not read holds the other end back, with this much on its way.
    private const int MostUnread = 1 << 20;

    private readonly Pipe _input = new(new PipeOptions(pauseWriterThreshold: MostUnread, resumeWriterThreshold: MostUnread / 2, useSynchronizationContext: false));

    public uint Id { get; } = id;

    /// <summary>What the stream was opened with, by names in any case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; } = headers;

    /// <summary>What comes from the other end, to its FIN; fails when the stream is reset or the connection ends before.</summary>
    public PipeReader Input => _input.Reader;

    /// <summary>Filled by the connection.</summary>
    internal PipeWriter Incoming => _input.Writer;

    /// <summary>A header; null when it is not there.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <exception cref="IOException">The connection has ended.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => connection.WriteDataAsync(Id, bytes, last: false, cancellation);

    /// <summary>FIN: nothing more goes to the other end.</summary>
    /// <exception cref="IOException">The connection has ended.</exception>
    public ValueTask CloseAsync(CancellationToken cancellation) => connection.WriteDataAsync(Id, ReadOnlyMemory<byte>.Empty, last: true, cancellation);

    /// <summary>Ends the stream in both directions at once.</summary>
    /// <exception cref="IOException">The connection has ended.</exception>
    public ValueTask ResetAsync(CancellationToken cancellation) => connection.ResetAsync(Id, SpdyConnection.Cancel, cancellation);
}
