using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Capstan.Cluster.Node.Serving.Streams;
using Microsoft.AspNetCore.Http;

namespace Capstan.Cluster.Node.Serving;

/// <summary>Port-forward over a WebSocket as clients other than kubectl do it: the ports are known from the start, and each has a channel for data and one for what goes wrong.</summary>
internal sealed class PortForwardSocket(ChannelSocket socket, IReadOnlyList<ushort> ports, Func<ushort, CancellationToken, Task<Socket>> connect, Func<ushort, SocketException, string> failure)
{
    private const int MostUnread = 256 << 10;
    private const int MostPorts = 100;

    /// <summary>The ports that a query names; null when it names none, or one that is none.</summary>
    public static IReadOnlyList<ushort>? PortsOf(IQueryCollection query)
    {
        var ports = new List<ushort>();
        foreach (var text in query["port"].SelectMany(p => (p ?? "").Split(',')))
        {
            if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0 || ports.Count == MostPorts)
            {
                return null;
            }

            ports.Add(port);
        }

        return ports.Count > 0 ? ports : null;
    }

    /// <summary>Serves until the client leaves or all connections have ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var inputs = ports.Select(_ => new Pipe(new PipeOptions(pauseWriterThreshold: MostUnread, resumeWriterThreshold: MostUnread / 2, useSynchronizationContext: false))).ToList();
        var carrying = Task.WhenAll(ports.Select((port, i) => CarryAsync(port, i, inputs[i].Reader, ended.Token)));
        var reading = ReadAsync(inputs, ended.Token);
        await Task.WhenAny(carrying, reading);
        if (carrying.IsCompleted)
        {
            await socket.CloseAsync(ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await ended.CancelAsync();
        await Task.WhenAll(carrying, reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ReadAsync(List<Pipe> inputs, CancellationToken cancellation)
    {
        try
        {
            while (await socket.ReadAsync(cancellation) is var (channel, bytes))
            {
                if (channel % 2 == 0 && channel / 2 < inputs.Count && !bytes.IsEmpty)
                {
                    await inputs[channel / 2].Writer.WriteAsync(bytes, cancellation);
                }
            }
        }
        finally
        {
            foreach (var input in inputs)
            {
                await input.Writer.CompleteAsync();
            }
        }
    }

    private async Task CarryAsync(ushort port, int index, PipeReader input, CancellationToken cancellation)
    {
        var (data, error) = ((byte)(index * 2), (byte)((index * 2) + 1));
        try
        {
            // The first message of each channel says which port it is of.
            var number = new byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(number, port);
            await socket.WriteAsync(data, number, cancellation);
            await socket.WriteAsync(error, number, cancellation);
            using var server = await connect(port, cancellation);
            await using var stream = new NetworkStream(server);
            using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var up = UpAsync(input, server, stream, broken.Token);
            var buffer = new byte[32 << 10];
            while (await stream.ReadAsync(buffer, broken.Token) is > 0 and var read)
            {
                await socket.WriteAsync(data, buffer.AsMemory(0, read), broken.Token);
            }

            await broken.CancelAsync();
            await up.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (SocketException e)
        {
            await socket.WriteAsync(error, Encoding.UTF8.GetBytes(failure(port, e)), cancellation);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // One of both has left.
        }
    }

    private static async Task UpAsync(PipeReader input, Socket server, NetworkStream stream, CancellationToken cancellation)
    {
        await input.CopyToAsync(stream, cancellation);
        server.Shutdown(SocketShutdown.Send);
    }
}
