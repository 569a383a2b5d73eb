namespace Capstan.Client;

/// <summary>The connections to one server: those of requests, and apart from them those of watches, which stay for minutes and may be slow to read.</summary>
/// <remarks>When authority or certificate change, new requests go over new connections; what runs on the old ones ends there. Thread-safe.</remarks>
internal sealed class Connections : IDisposable
{
    private readonly KubeConfig _config;
    private readonly TlsFiles _files;
    private readonly Lock _gate = new();
    private Generation _current;
    private Generation? _former;

    /// <exception cref="KubeConfigException">A certificate or key cannot be read.</exception>
    public Connections(KubeConfig config, KubeClientOptions options)
    {
        _config = config;
        _files = new(config, options.TimeProvider);
        Credentials = Credentials.Of(config, options.TimeProvider);
        _current = new(config, _files.First);
    }

    public Credentials Credentials { get; }

    /// <summary>The connections for a request whose credentials have been asked for.</summary>
    public async ValueTask<HttpMessageInvoker> ForAsync(bool isWatch, CancellationToken cancellationToken)
    {
        var current = Volatile.Read(ref _current);
        var identity = await _files.RefreshAsync(current.Identity, Credentials.Certificate, cancellationToken);
        if (!ReferenceEquals(identity, current.Identity))
        {
            current = Renew(current, identity);
        }

        return isWatch ? current.Watches : current.Requests;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _former?.Dispose();
            _current.Dispose();
        }

        Credentials.Dispose();
    }

    private Generation Renew(Generation seen, TlsIdentity identity)
    {
        lock (_gate)
        {
            if (_current != seen)
            {
                return _current;
            }

            Generation next;
            try
            {
                next = new(_config, identity);
            }
            catch (KubeConfigException)
            {
                // Half of a pair, or half of a file: the old ones are good until the files are whole.
                return seen;
            }

            // One that took the former connections a moment ago may be about to use them: they go with the next change.
            _former?.Dispose();
            _former = seen;
            Volatile.Write(ref _current, next);
            return next;
        }
    }

    private sealed class Generation(KubeConfig config, TlsIdentity identity) : IDisposable
    {
        public TlsIdentity Identity { get; } = identity;

        public HttpMessageInvoker Requests { get; } = new(ServerConnection.CreateHandler(config, identity));

        public HttpMessageInvoker Watches { get; } = new(ServerConnection.CreateHandler(config, identity));

        public void Dispose()
        {
            Requests.Dispose();
            Watches.Dispose();
        }
    }
}
