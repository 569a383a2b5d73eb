using System.Net;
using System.Net.Sockets;

namespace Capstan.Cluster.Proxy;

/// <summary>All addresses that are listened on, by Service. Thread-safe.</summary>
internal sealed class ServiceListeners(TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, Dictionary<IPEndPoint, PortListener>> _services = [];
    private readonly HashSet<Task> _draining = [];
    private readonly CancellationTokenSource _stop = new();
    private bool _disposed;

    public IReadOnlyList<IPEndPoint> Addresses
    {
        get
        {
            lock (_lock)
            {
                return [.. _services.Values.SelectMany(s => s.Keys)];
            }
        }
    }

    /// <summary>Listens on these addresses of a Service and on no others.</summary>
    /// <returns>Those that cannot be bound, and why.</returns>
    public IReadOnlyList<(IPEndPoint Address, string Fault)> Set(ObjectKey service, IReadOnlyList<ServicePort> wanted)
    {
        var faults = new List<(IPEndPoint, string)>();
        lock (_lock)
        {
            if (_disposed)
            {
                return [];
            }

            var now = _services.GetValueOrDefault(service) ?? [];
            foreach (var address in now.Keys.Except(wanted.Select(w => w.Address)).ToList())
            {
                now.Remove(address, out var gone);
                Drain_NeedsLock(gone!);
            }

            foreach (var port in wanted)
            {
                if (now.TryGetValue(port.Address, out var listener))
                {
                    listener.Endpoints = port.Endpoints;
                    continue;
                }

                try
                {
                    now[port.Address] = PortListener.Start(port.Address, port.Endpoints, time);
                }
                catch (SocketException e)
                {
                    faults.Add((port.Address, Reason(e)));
                }
            }

            if (now.Count > 0)
            {
                _services[service] = now;
            }
            else
            {
                _services.Remove(service);
            }
        }

        return faults;
    }

    public async ValueTask DisposeAsync()
    {
        List<Task> closing;
        lock (_lock)
        {
            _disposed = true;
            closing = [.. _services.Values.SelectMany(s => s.Values).Select(l => l.DisposeAsync().AsTask()), .. _draining];
            _services.Clear();
        }

        await _stop.CancelAsync();
        await Task.WhenAll(closing);
        _stop.Dispose();
    }

    private void Drain_NeedsLock(PortListener listener)
    {
        var draining = Task.Run(() => listener.CloseAsync(_stop.Token));
        _draining.Add(draining);
        _ = draining.ContinueWith(
            done =>
            {
                lock (_lock)
                {
                    _draining.Remove(done);
                }
            },
            TaskScheduler.Default);
    }

    private static string Reason(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AccessDenied => "this user may not bind ports below 1024 on this machine; sysctl net.ipv4.ip_unprivileged_port_start=0 lets everybody",
        SocketError.AddressAlreadyInUse => "the port is taken; a program that listens on all addresses (0.0.0.0) takes it on this one too",
        SocketError.AddressNotAvailable => "this machine does not have the address",
        _ => e.Message,
    };
}
