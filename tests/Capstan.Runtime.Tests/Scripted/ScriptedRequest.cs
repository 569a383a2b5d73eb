using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Capstan.Runtime.Tests.Scripted;

/// <summary>A request that waits for its answer.</summary>
internal sealed class ScriptedRequest
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly TaskCompletionSource<bool> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ScriptedRequest(Socket socket, NetworkStream stream)
    {
        _socket = socket;
        _stream = stream;
    }

    public required string Method { get; init; }

    public required string Path { get; init; }

    public required IReadOnlyDictionary<string, string> Query { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required string Body { get; init; }

    /// <summary>Done with whether the connection goes on.</summary>
    public Task<bool> Answered => _answered.Task;

    public bool IsWatch => Query.ContainsKey("watch");

    public static async Task<ScriptedRequest?> ReadAsync(Socket socket, NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!(head.Count >= 4 && head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n'))
        {
            if (await stream.ReadAsync(one, cancellationToken) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        var lines = Encoding.UTF8.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var start = lines[0].Split(' ');
        var headers = lines[1..].Select(l => l.Split(": ", 2)).ToDictionary(l => l[0], l => l[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, cancellationToken);
        var target = start[1].Split('?', 2);
        return new ScriptedRequest(socket, stream)
        {
            Method = start[0],
            Path = target[0],
            Query = target.Length < 2 ? new Dictionary<string, string>()
                : target[1].Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]), StringComparer.Ordinal),
            Headers = headers,
            Body = Encoding.UTF8.GetString(body),
        };
    }

    /// <summary>The whole answer at once.</summary>
    public Task AnswerAsync(int code, string body, params string[] headers) => AnswerAsync(code, "application/json", body, headers);

    public Task AnswerAsAsync(string type, string body) => AnswerAsync(200, type, body, []);

    private async Task AnswerAsync(int code, string type, string body, string[] headers)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        await WriteAsync($"HTTP/1.1 {code} X\r\nContent-Type: {type}\r\nContent-Length: {bytes.Length}\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n");
        await _stream.WriteAsync(bytes);
        _answered.TrySetResult(true);
    }

    public Task AnswerAsync(string body) => AnswerAsync(200, body);

    /// <summary>An error as Kubernetes words it.</summary>
    public Task RefuseAsync(int code, string reason, string message = "no", params string[] headers) =>
        AnswerAsync(code, WireText.Status(code, reason, message), headers);

    /// <summary>The head of an answer that goes on.</summary>
    public Task BeginAsync() => WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");

    /// <summary>The head of an answer of so many bytes, none of which come.</summary>
    public Task PromiseAsync(string length) => WriteAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");

    /// <summary>A chunk of it.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await WriteAsync($"{bytes.Length:x}\r\n");
        await _stream.WriteAsync(bytes);
        await WriteAsync("\r\n");
    }

    /// <summary>The end, in order.</summary>
    public async Task EndAsync()
    {
        await WriteAsync("0\r\n\r\n");
        _answered.TrySetResult(true);
    }

    /// <summary>The end of the connection in the midst of things.</summary>
    public void Cut()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
        _answered.TrySetResult(false);
    }

    private async Task WriteAsync(string text) => await _stream.WriteAsync(Encoding.ASCII.GetBytes(text));
}
