using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Capstan.Cluster.Node.Serving.Streams;

/// <summary>Columns and rows of a client's terminal.</summary>
internal readonly record struct TerminalSize(ushort Columns, ushort Rows)
{
    /// <summary>Reads <c>{"Width":80,"Height":24}</c>; null when it is no size.</summary>
    public static TerminalSize? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var size = JsonNode.Parse(json) as JsonObject;
            return size?["Width"] is JsonValue width && size["Height"] is JsonValue height && width.TryGetValue(out ushort columns) && height.TryGetValue(out ushort rows)
                ? new(columns, rows)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What goes between a client and a command that it runs or is attached to: input, two outputs, the size of its terminal, and at the end how it ended.</summary>
/// <remarks>Outputs may be written by several threads; input and sizes have one reader each.</remarks>
internal abstract class CommandStreams : IAsyncDisposable
{
    // Who does not read his input holds the client back, with this much on its way.
    private const int MostUnread = 256 << 10;

    private readonly Pipe _input = new(new PipeOptions(pauseWriterThreshold: MostUnread, resumeWriterThreshold: MostUnread / 2, useSynchronizationContext: false));
    private readonly Channel<TerminalSize> _sizes = Channel.CreateBounded<TerminalSize>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly CancellationTokenSource _gone = new();

    /// <summary>What the client types, until it closes its input or leaves.</summary>
    public PipeReader Input => _input.Reader;

    /// <summary>Sizes of the client's terminal; of several unread ones the last.</summary>
    public ChannelReader<TerminalSize> Sizes => _sizes.Reader;

    /// <summary>Cancelled when the client has left.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>Filled with what the client types.</summary>
    protected PipeWriter Typed => _input.Writer;

    /// <exception cref="IOException">The client has left.</exception>
    public abstract ValueTask WriteAsync(bool isError, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Tells how the command ended, and closes the connection.</summary>
    public abstract Task EndAsync(CommandEnd end, CancellationToken cancellation);

    public virtual async ValueTask DisposeAsync()
    {
        await _input.Writer.CompleteAsync();
        _gone.Dispose();
        GC.SuppressFinalize(this);
    }

    protected void Resize(ReadOnlySpan<byte> json)
    {
        if (TerminalSize.Parse(json) is { } size)
        {
            _sizes.Writer.TryWrite(size);
        }
    }

    protected async Task LeaveAsync()
    {
        _sizes.Writer.TryComplete();
        await _input.Writer.CompleteAsync();
        await _gone.CancelAsync();
    }
}

/// <summary>How a command ended.</summary>
/// <param name="Code">Its exit code; null when it could not be run.</param>
/// <param name="Message">Why it could not be run.</param>
internal sealed record CommandEnd(int? Code, string? Message = null)
{
    /// <summary>As clients of version 4 of the protocol and later read it.</summary>
    public byte[] ToStatus()
    {
        var status = new JsonObject { ["metadata"] = new JsonObject(), ["status"] = Code == 0 ? "Success" : "Failure" };
        if (Code is { } code and not 0)
        {
            status["message"] = $"command terminated with non-zero exit code: exit status {code}";
            status["reason"] = "NonZeroExitCode";
            status["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = $"{code}" }) };
        }
        else if (Code is null)
        {
            status["message"] = $"Internal error occurred: {Message}";
            status["reason"] = "InternalError";
            status["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = Message }) };
            status["code"] = 500;
        }

        return Encoding.UTF8.GetBytes(status.ToJsonString());
    }

    /// <summary>As older clients read it: nothing of a success.</summary>
    public byte[] ToText() => Encoding.UTF8.GetBytes(Code == 0 ? "" : Message ?? $"command terminated with non-zero exit code: exit status {Code}");
}
