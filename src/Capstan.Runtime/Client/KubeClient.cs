using System.Net.Http.Headers;
using Capstan.Client;

namespace Capstan;

/// <summary>Speaks with one API server. Thread-safe; make one per server and keep it.</summary>
/// <remarks>
/// Errors of the server are <see cref="ApiException"/>, a server that cannot be reached is <see cref="HttpRequestException"/>, an
/// answer that does not come in time is <see cref="TimeoutException"/>. 429 and 503 with <c>Retry-After</c> are tried again.
/// </remarks>
public sealed partial class KubeClient : IDisposable
{
    private readonly RequestSender _sender;
    private readonly OwnWrites _ownWrites;
    private readonly bool _ownsSender;

    /// <summary>A client of the server that <paramref name="config"/> names. Connects at the first request.</summary>
    /// <exception cref="KubeConfigException">A certificate or key cannot be read.</exception>
    /// <exception cref="ArgumentException">The options or the user to act as make no sense.</exception>
    public KubeClient(KubeConfig config, KubeClientOptions? options = null)
    {
        Config = config;
        Options = options ?? new KubeClientOptions();
        _sender = new RequestSender(config, Options);
        _ownsSender = true;
        _ownWrites = new();
        Discovery = new Discovery(this);
    }

    private KubeClient(KubeClient origin, Impersonation impersonate)
    {
        Config = origin.Config with { Impersonate = impersonate };
        Options = origin.Options;
        Discovery = origin.Discovery;
        _ownWrites = origin._ownWrites;
        _sender = origin._sender.As(impersonate);
    }

    /// <summary>What the client was made with.</summary>
    public KubeConfig Config { get; }

    /// <summary>What the client was made with.</summary>
    public KubeClientOptions Options { get; }

    /// <summary>Which kinds the server serves, and where.</summary>
    public Discovery Discovery { get; }

    /// <summary>Raised with what the server stored after each write that was no dry run, before the write returns to its caller.</summary>
    internal event Action<ResourceType, DynamicObject>? Written
    {
        add => _ownWrites.Written += value;
        remove => _ownWrites.Written -= value;
    }

    /// <summary>Raised with key and uid (null if unknown) after an object was deleted at once, with nothing left of it.</summary>
    internal event Action<ResourceType, ObjectKey, string?>? Gone
    {
        add => _ownWrites.Gone += value;
        remove => _ownWrites.Gone -= value;
    }

    /// <summary>Asked before each request that writes; false refuses it. Set by the operator, so that a replica that lost its leadership writes nothing more.</summary>
    internal Func<bool>? WriteGate
    {
        get => _sender.Gate.IsOpen;
        set => _sender.Gate.IsOpen = value;
    }

    /// <summary>The same client in another's name: over the same connections, at the same rate, under the same leadership. Cheap enough for one request.</summary>
    /// <param name="user">Whom its requests act as, in place of whom this client acts as.</param>
    /// <returns>A client that needs no disposal, and lives as long as this one. Caches of this one see its writes.</returns>
    /// <exception cref="ArgumentException">The user cannot be said in headers.</exception>
    public KubeClient As(Impersonation user) => new(this, user);

    /// <summary>Gets any path of the server, for example <c>/version</c>.</summary>
    /// <param name="pathAndQuery">Begins with a slash.</param>
    /// <param name="accept">Media types to ask for; null asks for JSON.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="ApiException">The server answered with an error.</exception>
    public async Task<byte[]> GetRawAsync(string pathAndQuery, string? accept = null, CancellationToken cancellationToken = default)
    {
        var answer = await GetAnyAsync(pathAndQuery, accept, cancellationToken);
        return answer.Body;
    }

    /// <summary>Closes the connections, each when its running requests are done; there can be no more.</summary>
    public void Dispose()
    {
        if (_ownsSender)
        {
            _sender.Dispose();
        }
    }

    /// <summary>As <see cref="GetRawAsync"/>, with the media type of the answer.</summary>
    internal async Task<(byte[] Body, MediaTypeHeaderValue? Type)> GetAnyAsync(string pathAndQuery, string? accept, CancellationToken cancellationToken)
    {
        var answer = await _sender.SendAsync(new ApiRequest(HttpMethod.Get, pathAndQuery, $"GET {pathAndQuery}") { Accept = accept }, cancellationToken);
        return (answer.Body, answer.ContentType);
    }

    /// <summary>Opens a watch: returns when the server sent its headers.</summary>
    internal Task<HttpResponseMessage> OpenStreamAsync(string pathAndQuery, string? accept, string description, CancellationToken cancellationToken) =>
        _sender.OpenAsync(new ApiRequest(HttpMethod.Get, pathAndQuery, description) { Accept = accept, MayRetry = false, Class = RequestClass.Watch }, within: null, cancellationToken);
}
