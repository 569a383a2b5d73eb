using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Capstan.Runtime.Tests.Scripted;

/// <summary>A server that gives every request the same answer, and allocates nothing for it: what a client allocates can be counted beside it.</summary>
internal sealed class FixedAnswerServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly byte[] _answer;
    private readonly Task _serving;

    public FixedAnswerServer(string body)
    {
        _answer = Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            // One client with one request at a time has one connection.
            using var socket = await _listener.AcceptSocketAsync(_end.Token);
            var buffer = new byte[1024 * 1024];
            var have = 0;
            while (true)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(have), SocketFlags.None, _end.Token);
                if (read == 0)
                {
                    return;
                }

                have += read;
                if (IsWhole(buffer.AsSpan(0, have)))
                {
                    have = 0;
                    for (var sent = 0; sent < _answer.Length;)
                    {
                        sent += await socket.SendAsync(_answer.AsMemory(sent), SocketFlags.None, _end.Token);
                    }
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test ended.
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> request)
    {
        var head = request.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return false;
        }

        var at = request[..head].IndexOf("Content-Length: "u8);
        var length = 0;
        for (var i = at + 16; at >= 0 && request[i] is >= (byte)'0' and <= (byte)'9'; i++)
        {
            length = (length * 10) + request[i] - '0';
        }

        return request.Length >= head + 4 + length;
    }
}
