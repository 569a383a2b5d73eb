using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Capstan.Runtime.Bench;

/// <summary>Answers every watch with prepared bytes: many custom resources, then silence until it is told otherwise. It does next to nothing itself, so
/// that what is measured is the client.</summary>
internal sealed class PreparedServer : IDisposable
{
    private const int EventsPerChunk = 32;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _objects;
    private Socket? _watch;
    private int _lists;

    public PreparedServer(int objects)
    {
        _objects = objects;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Bytes of one event on the wire.</summary>
    public static int EventLength => PreparedEvent.Length;

    /// <summary>One in so many objects has another version in the next list; 0: none.</summary>
    public int ChangedOneIn { get; set; }

    /// <summary>Ends the watch with 410, so that the client gets everything again.</summary>
    public void Expire()
    {
        var error = """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old","reason":"Expired","code":410}}""" + "\n";
        SendChunk(_watch!, Encoding.ASCII.GetBytes(error));
        _watch!.Send("0\r\n\r\n"u8);
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
        _watch?.Dispose();
        _end.Dispose();
    }

    private static void SendChunk(Socket socket, ReadOnlySpan<byte> bytes)
    {
        socket.Send(Encoding.ASCII.GetBytes(bytes.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes)..];
        }

        socket.Send("\r\n"u8);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_end.Token);
                _ = Task.Factory.StartNew(() => Serve(socket), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private void Serve(Socket socket)
    {
        try
        {
            var head = new byte[16 << 10];
            while (socket.Receive(head) > 0)
            {
                socket.Send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"u8);
                _watch = socket;
                SendAll(socket);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The client went.
        }
    }

    private void SendAll(Socket socket)
    {
        var one = PreparedEvent.Bytes;
        var chunk = new byte[one.Length * EventsPerChunk];
        for (var i = 0; i < _objects;)
        {
            var count = Math.Min(EventsPerChunk, _objects - i);
            for (var j = 0; j < count; j++, i++)
            {
                var at = chunk.AsSpan(j * one.Length, one.Length);
                one.CopyTo(at);
                PreparedEvent.Number(at, i, ChangedOneIn > 0 && i % ChangedOneIn == 0 ? 3_000_000 : 1_000_000);
            }

            SendChunk(socket, chunk.AsSpan(0, count * one.Length));
        }

        var bookmark = $$$"""{"type":"BOOKMARK","object":{"kind":"Widget","apiVersion":"example.com/v1","metadata":{"resourceVersion":"{{{9_000_000 + ++_lists}}}","annotations":{"k8s.io/initial-events-end":"true"} } } }""";
        SendChunk(socket, Encoding.ASCII.GetBytes(bookmark + "\n"));
    }
}
