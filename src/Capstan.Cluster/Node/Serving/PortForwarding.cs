using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Capstan.Cluster.Node.Serving.Spdy;
using Capstan.Cluster.Node.Serving.Streams;
using Microsoft.AspNetCore.Http;

namespace Capstan.Cluster.Node.Serving;

/// <summary>Carries connections to ports of a pod: over SPDY (also within a WebSocket, as kubectl does), or over a WebSocket with two channels for each port.</summary>
internal sealed class PortForwarding(PodOnNode pod)
{
    private const string Protocol = "portforward.k8s.io";
    private const string Tunnel = "SPDY/3.1+portforward.k8s.io";
    private static readonly string[] SocketProtocols = [Tunnel, "v4.channel.k8s.io", "v4.base64.channel.k8s.io"];

    /// <summary>Upgrades and serves, until the client has left.</summary>
    public async Task RunAsync(HttpContext http, CancellationToken stop)
    {
        if (Handshake.IsWebSocket(http.Request) && Handshake.SocketProtocol(http.Request, SocketProtocols) is { } protocol)
        {
            if (protocol == Tunnel)
            {
                using var tunnelled = await Handshake.AcceptSocketAsync(http, protocol);
                await using var stream = WebSocketStream.Create(tunnelled, WebSocketMessageType.Binary, ownsWebSocket: false);
                await ServeAsync(stream, stop);
                return;
            }

            if (PortForwardSocket.PortsOf(http.Request.Query) is not { } ports)
            {
                http.Response.StatusCode = StatusCodes.Status400BadRequest;
                await http.Response.WriteAsync("query parameter \"port\" is required", http.RequestAborted);
                return;
            }

            using var socket = new ChannelSocket(await Handshake.AcceptSocketAsync(http, protocol), protocol.Contains("base64", StringComparison.Ordinal));
            await new PortForwardSocket(socket, ports, ConnectAsync, Failure).RunAsync(stop);
            return;
        }

        if (!Handshake.IsSpdy(http.Request) || Handshake.SpdyProtocol(http.Request, [Protocol]) is not { } version)
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            await http.Response.WriteAsync("unable to upgrade: unable to negotiate protocol", http.RequestAborted);
            return;
        }

        await using var connection = await Handshake.AcceptSpdyAsync(http, version);
        await ServeAsync(connection, stop);
    }

    private async Task ServeAsync(Stream transport, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var connection = new SpdyConnection(transport, isClient: false);
        var waiting = new Dictionary<string, SpdyStream>();
        var serving = new List<Task>();
        try
        {
            await connection.RunAsync(
                stream =>
                {
                    // Two streams of one request make one connection: its data, and what goes wrong.
                    if (!ushort.TryParse(stream.Header("port"), CultureInfo.InvariantCulture, out var port) || port == 0 || stream.Header("streamtype") is not ("data" or "error"))
                    {
                        return false;
                    }

                    var id = stream.Header("requestid") ?? (stream.Header("streamtype") == "error" ? stream.Id : stream.Id - 2).ToString(CultureInfo.InvariantCulture);
                    if (!waiting.Remove(id, out var other))
                    {
                        waiting[id] = stream;
                        return true;
                    }

                    if (other.Header("streamtype") == stream.Header("streamtype"))
                    {
                        return false;
                    }

                    var (data, error) = stream.Header("streamtype") == "data" ? (stream, other) : (other, stream);
                    serving.RemoveAll(s => s.IsCompleted);
                    serving.Add(CarryAsync(data, error, port, ended.Token));
                    return true;
                },
                ended.Token);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException or WebSocketException)
        {
            // The client has left.
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(serving);
        }
    }

    private async Task CarryAsync(SpdyStream data, SpdyStream error, ushort port, CancellationToken cancellation)
    {
        try
        {
            try
            {
                using var socket = await ConnectAsync(port, cancellation);
                await Task.WhenAll(UpAsync(data, socket, cancellation), DownAsync(socket, data, cancellation));
                await error.CloseAsync(cancellation);
            }
            catch (SocketException e)
            {
                await error.WriteAsync(Encoding.UTF8.GetBytes(Failure(port, e)), cancellation);
                await error.CloseAsync(cancellation);
                await data.ResetAsync(cancellation);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidDataException or WebSocketException)
        {
            // The client has left, or given this connection up.
        }
    }

    private static async Task UpAsync(SpdyStream from, Socket to, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await from.Input.ReadAsync(cancellation);
            foreach (var part in read.Buffer)
            {
                for (var sent = 0; sent < part.Length;)
                {
                    sent += await to.SendAsync(part[sent..], SocketFlags.None, cancellation);
                }
            }

            from.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                to.Shutdown(SocketShutdown.Send);
                return;
            }
        }
    }

    private static async Task DownAsync(Socket from, SpdyStream to, CancellationToken cancellation)
    {
        var buffer = new byte[32 << 10];
        while (await from.ReceiveAsync(buffer, SocketFlags.None, cancellation) is > 0 and var read)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }

        await to.CloseAsync(cancellation);
    }

    private async Task<Socket> ConnectAsync(ushort port, CancellationToken cancellation)
    {
        var socket = new Socket(pod.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(pod.Address, port), cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private string Failure(ushort port, SocketException e) =>
        $"error forwarding port {port} to pod {pod.Key.Name}, uid {pod.Uid}: failed to connect to {pod.Address}:{port}: "
        + (e.SocketErrorCode == SocketError.ConnectionRefused ? $"dial tcp {pod.Address}:{port}: connect: connection refused" : e.Message);
}
