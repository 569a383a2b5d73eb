using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Capstan.Cluster.Proxy;

/// <summary>Takes connections at one address of a Service and brings each to a server behind it.</summary>
/// <remarks>Thread-safe. A connection stays with its server until one of them ends it, also when the server is no longer among those that are chosen.</remarks>
internal sealed class PortListener : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    // As long as a connection may go on after its Service is gone.
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(30);
    private const int Backlog = 512;

    private readonly Socket _socket;
    private readonly EndpointChoice _choice;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenSource _cut = new();
    private readonly ConcurrentDictionary<long, Task> _connections = new();
    private readonly Task _accepting;
    private volatile EndpointSet _endpoints;
    private long _count;

    private PortListener(Socket socket, EndpointSet endpoints, TimeProvider time)
    {
        _socket = socket;
        _endpoints = endpoints;
        _choice = new EndpointChoice(time);
        _time = time;
        Address = (IPEndPoint)socket.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Connections that go on.</summary>
    public int Connections => _connections.Count;

    /// <summary>Who serves the next connections.</summary>
    public EndpointSet Endpoints
    {
        get => _endpoints;
        set => _endpoints = value;
    }

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public static PortListener Start(IPEndPoint address, EndpointSet endpoints, TimeProvider time)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            socket.Listen(Backlog);
            return new PortListener(socket, endpoints, time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes no more connections; those that there are may end by themselves for a while, unless <paramref name="cut"/>.</summary>
    public async Task CloseAsync(CancellationToken cut)
    {
        await _closed.CancelAsync();
        _socket.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Values).WaitAsync(DrainTimeout, _time, cut).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _cut.CancelAsync();
        await Task.WhenAll(_connections.Values);
        _closed.Dispose();
        _cut.Dispose();
    }

    public async ValueTask DisposeAsync() => await CloseAsync(new CancellationToken(canceled: true));

    private async Task AcceptAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _socket.AcceptAsync(_closed.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // One client that left at once, or no more files: neither may become a loop that burns a processor.
                await Task.Delay(TimeSpan.FromMilliseconds(50), _time, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            var number = _count++;
            var serving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _connections[number] = serving.Task;
            _ = ServeAsync(number, client, serving);
        }
    }

    private async Task ServeAsync(long number, Socket client, TaskCompletionSource done)
    {
        try
        {
            using (client)
            {
                client.NoDelay = true;
                using var server = await ConnectAsync(((IPEndPoint)client.RemoteEndPoint!).Address);
                if (server is null)
                {
                    // Nobody serves: hang up as if nobody listened.
                    client.LingerState = new LingerOption(true, 0);
                    return;
                }

                await SocketPair.PumpAsync(client, server, _cut.Token);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // One of them left.
        }
        finally
        {
            _connections.TryRemove(number, out _);
            done.SetResult();
        }
    }

    private async Task<Socket?> ConnectAsync(IPAddress client)
    {
        var endpoints = _endpoints;
        foreach (var endpoint in _choice.Order(endpoints, client))
        {
            var server = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_cut.Token);
            patience.CancelAfter(ConnectTimeout);
            try
            {
                await server.ConnectAsync(endpoint, patience.Token);
                _choice.Served(endpoints, client, endpoint);
                return server;
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !_cut.IsCancellationRequested))
            {
                server.Dispose();
            }
            catch
            {
                server.Dispose();
                throw;
            }
        }

        return null;
    }
}
