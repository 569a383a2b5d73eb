using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Xunit;

namespace Capstan.Runtime.Tests.Scripted;

/// <summary>An API server whose every answer a test writes by hand: what a good server never does can be done with it.</summary>
/// <remarks>HTTP/1.1 on loopback. A connection serves one request at a time, as HTTP/1.1 does.</remarks>
internal sealed class ScriptedApiServer : IAsyncDisposable
{
    /// <summary>How long a test waits for what must come: far longer than it takes, so that only a fault is seen, not a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Channel<ScriptedRequest> _requests = Channel.CreateUnbounded<ScriptedRequest>();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    public ScriptedApiServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Minor version of Kubernetes that the server answers by itself when it is asked in a watcher's way; null leaves that to the test.</summary>
    public string? Minor { get; set; } = "36";

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public KubeClient Connect(TimeProvider? time = null, Func<KubeClientOptions, KubeClientOptions>? with = null)
    {
        var options = new KubeClientOptions { TimeProvider = time ?? TimeProvider.System, Random = new Random(1) };
        return new(new KubeConfig { Server = Url }, with?.Invoke(options) ?? options);
    }

    /// <summary>The next request that comes, in order of arrival.</summary>
    public async ValueTask<ScriptedRequest> NextAsync()
    {
        try
        {
            return await _requests.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException("the request that the test expects did not come");
        }
    }

    /// <summary>As <see cref="NextAsync"/>, for a server that ends before its test.</summary>
    public ValueTask<ScriptedRequest> TakeAsync(CancellationToken cancellationToken) => _requests.Reader.ReadAsync(cancellationToken);

    /// <summary>How often <see cref="Minor"/> was asked for.</summary>
    public int VersionsAsked { get; private set; }

    /// <summary>Whether a request has come that the test has not looked at.</summary>
    public bool HasRequest => _requests.Reader.TryPeek(out _);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptSocketAsync(_end.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The end may come between two connections: a listener that was stopped says that it is not listening.
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            // An answer goes in several pieces, and would wait 40 ms for the client's acknowledgement between them.
            socket.NoDelay = true;
            try
            {
                using var stream = new NetworkStream(socket);
                while (await ScriptedRequest.ReadAsync(socket, stream, _end.Token) is { } request)
                {
                    if (Minor is { } minor && request.Path == "/version")
                    {
                        VersionsAsked++;
                        await request.AnswerAsync($$"""{"major":"1","minor":"{{minor}}"}""");
                        continue;
                    }

                    _requests.Writer.TryWrite(request);
                    if (!await request.Answered.WaitAsync(_end.Token))
                    {
                        return;
                    }
                }
            }
            catch (Exception error) when (error is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                // The client went, or the test ended.
            }
        }
    }
}
