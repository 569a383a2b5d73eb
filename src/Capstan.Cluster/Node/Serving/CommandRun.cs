using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Serving.Streams;

namespace Capstan.Cluster.Node.Serving;

/// <summary>Connects the streams of a client with a command beside a container, or with the container itself.</summary>
internal static class CommandRun
{
    // Of output that a client has not taken yet; a container is not held back for it.
    private const int MostChunks = 4096;
    private const byte EndOfInput = 4;

    /// <summary>Runs the command, until it has ended or the client has left, which ends it.</summary>
    public static async Task ExecAsync(CommandStreams streams, IContainerRun run, CommandRequest request, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(streams.Gone, stop);
        IExecSession session;
        try
        {
            session = await run.ExecAsync(request.Command, request.HasTerminal, ended.Token);
        }
        catch (ContainerStartException fault)
        {
            await streams.EndAsync(new CommandEnd(null, fault.Message), stop);
            return;
        }

        await using (session)
        {
            // A client that leaves ends the command: what waits for it must not wait for ever.
            var typing = request.HasInput ? TypeAsync(streams.Input, session.Input, () => CloseAsync(session.Input, request.HasTerminal), ended.Token) : CloseAsync(session.Input, request.HasTerminal);
            var sizing = SizeAsync(streams.Sizes, session, ended.Token);
            List<Task> outputs = [TellAsync(session.Output, streams, isError: false, ended.Token)];
            if (session.Error is { } errors)
            {
                outputs.Add(TellAsync(errors, streams, isError: true, ended.Token));
            }

            await Task.WhenAll([.. outputs, session.Ended.WaitAsync(ended.Token)]);
            await streams.EndAsync(new CommandEnd(await session.Ended), ended.Token);
            await ended.CancelAsync();
            await Task.WhenAll(typing, sizing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Shows what the container writes from now on, until it has ended or the client has left.</summary>
    /// <param name="streams">Of the client.</param>
    /// <param name="run">The container.</param>
    /// <param name="request">What the client wants.</param>
    /// <param name="closesInput">Whether the container's input ends with the client's; else others may type later.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task AttachAsync(CommandStreams streams, IContainerRun run, CommandRequest request, bool closesInput, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(streams.Gone, stop);
        var chunks = Channel.CreateBounded<OutputChunk>(new BoundedChannelOptions(MostChunks) { SingleReader = true });
        using var attached = run.Attach(chunk =>
        {
            // The bytes are the container's, and it goes on.
            if (!chunks.Writer.TryWrite(chunk with { Bytes = chunk.Bytes.ToArray() }))
            {
                chunks.Writer.TryComplete(new IOException("the client takes its output too slowly"));
            }
        });
        _ = run.Ended.ContinueWith(_ => chunks.Writer.TryComplete(), TaskScheduler.Default);
        var typing = request.HasInput && run.Input is { } input ? TypeAsync(streams.Input, input, () => closesInput ? CloseAsync(input, request.HasTerminal) : Task.CompletedTask, ended.Token) : Task.CompletedTask;
        await foreach (var chunk in chunks.Reader.ReadAllAsync(ended.Token))
        {
            if (chunk.IsError && !request.HasTerminal ? request.HasError : request.HasOutput)
            {
                await streams.WriteAsync(chunk.IsError && !request.HasTerminal, chunk.Bytes, ended.Token);
            }
        }

        await streams.EndAsync(new CommandEnd(0), ended.Token);
        await ended.CancelAsync();
        await typing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task TypeAsync(PipeReader from, Stream to, Func<Task> end, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var read = await from.ReadAsync(cancellation);
                foreach (var part in read.Buffer)
                {
                    await to.WriteAsync(part, cancellation);
                }

                await to.FlushAsync(cancellation);
                from.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    await end();
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The command has closed its input; what comes is read and dropped, so that the client is not held back.
            await from.CopyToAsync(Stream.Null, cancellation);
        }
    }

    /// <summary>A terminal stays open for its output; its programs are told of the end by a character.</summary>
    private static async Task CloseAsync(Stream input, bool isTerminal)
    {
        if (isTerminal)
        {
            await input.WriteAsync(new[] { EndOfInput });
            await input.FlushAsync();
        }
        else
        {
            await input.DisposeAsync();
        }
    }

    private static async Task TellAsync(Stream from, CommandStreams to, bool isError, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(32 << 10);
        try
        {
            while (await from.ReadAsync(buffer, cancellation) is > 0 and var read)
            {
                await to.WriteAsync(isError, buffer.AsMemory(0, read), cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task SizeAsync(ChannelReader<TerminalSize> sizes, IExecSession session, CancellationToken cancellation)
    {
        await foreach (var size in sizes.ReadAllAsync(cancellation))
        {
            session.Resize(size.Columns, size.Rows);
        }
    }
}
