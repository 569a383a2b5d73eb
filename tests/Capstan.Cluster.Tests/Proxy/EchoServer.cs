using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Capstan.Cluster.Tests.Proxy;

/// <summary>Answers each connection, once its client has ended its side, with its own name and what the client said. It listens on every address of this machine.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Any, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly string _name;

    public EchoServer(string name)
    {
        _name = name;
        _listener.Start();
        _running = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _ = AnswerAsync(client);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var said = await new StreamReader(client.GetStream()).ReadToEndAsync(_stop.Token);
                await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"{_name} {said}"), _stop.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client left.
            }
        }
    }
}
