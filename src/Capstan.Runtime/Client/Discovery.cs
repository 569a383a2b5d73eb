using Capstan.Client;

namespace Capstan;

/// <summary>Which kinds the server serves, and where: kept in memory, read again when a kind is not in it.</summary>
/// <remarks>
/// Thread-safe. A kind that is not served is answered from memory until <see cref="RereadAfter"/> has passed since the last reading, so
/// that a stream of unknown kinds costs the server one reading per that time, however fast it comes.
/// </remarks>
public sealed class Discovery
{
    private readonly KubeClient _client;
    private readonly SemaphoreSlim _reading = new(1);
    private volatile DiscoveryModel? _model;

    internal Discovery(KubeClient client) => _client = client;

    /// <summary>How long an unknown kind stays unknown. Default 3 s.</summary>
    public TimeSpan RereadAfter { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Where a kind is served; null if it is not.</summary>
    /// <exception cref="ApiException">Discovery failed.</exception>
    public async ValueTask<ResourceType?> FindAsync(GroupVersionKind kind, CancellationToken cancellationToken = default)
    {
        if (Known(kind) is { } known)
        {
            return known;
        }

        var model = await ReadAsync(cancellationToken);
        if (model.ByKind.TryGetValue(kind, out var found))
        {
            return found;
        }

        // A group whose own server is down is not a group without that kind.
        return model.Failed.TryGetValue((kind.Group, kind.Version), out var error) ? throw error : null;
    }

    /// <summary>Where a kind is served, as far as that is in memory; null if it is not. Asks nobody.</summary>
    public ResourceType? Known(GroupVersionKind kind) => _model is { } known && known.ByKind.TryGetValue(kind, out var found) ? found : null;

    /// <summary>Where a kind is served.</summary>
    /// <exception cref="KindNotServedException">The server has no such kind, or not yet: its CustomResourceDefinition may be about to come.</exception>
    /// <exception cref="ApiException">Discovery failed.</exception>
    public async ValueTask<ResourceType> GetAsync(GroupVersionKind kind, CancellationToken cancellationToken = default) =>
        await FindAsync(kind, cancellationToken) ?? throw new KindNotServedException(kind);

    /// <summary>All kinds, read now unless that was done a moment ago.</summary>
    /// <exception cref="ApiException">Discovery failed.</exception>
    public async Task<IReadOnlyCollection<ResourceType>> ListAsync(CancellationToken cancellationToken = default) =>
        [.. (await ReadAsync(cancellationToken)).ByKind.Values];

    /// <summary>All kinds with which each of <paramref name="verbs"/> can be done, in the versions that the server prefers: one version of each.</summary>
    /// <exception cref="ApiException">Discovery failed, or a part of it: the answer is always complete.</exception>
    /// <exception cref="HttpRequestException">The server behind a group does not answer.</exception>
    public async Task<IReadOnlyCollection<ResourceType>> ListAsync(IReadOnlyCollection<string> verbs, CancellationToken cancellationToken = default)
    {
        var model = await ReadAsync(cancellationToken);
        if (model.Failed.Values.FirstOrDefault() is { } failure)
        {
            throw failure;
        }

        return [.. model.ByKind.Values.Where(type => verbs.All(model.Verbs[type].Contains)).DistinctBy(type => type.GroupResource)];
    }

    /// <summary>Forgets everything, for example because a CustomResourceDefinition changed.</summary>
    public void Forget() => _model = null;

    private async Task<DiscoveryModel> ReadAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var time = _client.Options.TimeProvider;
            if (_model is { } recent && time.GetElapsedTime(recent.ReadAt) < RereadAfter)
            {
                return recent;
            }

            return _model = await DiscoveryReader.ReadAsync(_client, time.GetTimestamp(), cancellationToken);
        }
        finally
        {
            _reading.Release();
        }
    }
}

/// <summary>The server serves no such kind.</summary>
public sealed class KindNotServedException(GroupVersionKind kind)
    : Exception($"no matches for kind \"{kind.Kind}\" in version \"{kind.ApiVersion}\"")
{
    /// <summary>What was looked for.</summary>
    public GroupVersionKind Kind { get; } = kind;
}
