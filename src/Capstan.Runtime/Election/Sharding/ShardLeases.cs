using Capstan.Diagnostics;
using Capstan.Watching;
using Microsoft.Extensions.Logging;

namespace Capstan.Election.Sharding;

/// <summary>The members' Leases at the server: writes the own one, reads all, watches for news, deletes what is left of the dead.</summary>
/// <remarks>One caller at a time, but for <see cref="WatchAsync"/>, which runs beside.</remarks>
internal sealed class ShardLeases
{
    private readonly KubeClient _client;
    private readonly ShardingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _selector;
    private readonly ObjectKey _key;
    private Lease? _own;
    private Dictionary<string, Lease> _listed = [];

    /// <summary>Why the last list failed.</summary>
    public string LastError { get; private set; } = "";

    public ShardLeases(KubeClient client, ShardingOptions options, string name, TimeProvider time, ILogger logger)
    {
        _client = client;
        _options = options;
        _time = time;
        _logger = logger;
        _selector = $"{ShardLease.GroupLabel}={options.Group}";
        _key = new(options.Namespace, name);
    }

    /// <summary>Writes the own Lease, over no version but the one that was seen last: a write that is late changes nothing.</summary>
    /// <returns>Whether it is stored for sure; null: it is certain that there is no such Lease any more.</returns>
    public async Task<bool?> WriteAsync(ShardClaim claim, CancellationToken cancellationToken)
    {
        try
        {
            return await InTimeAsync(
                async token =>
                {
                    try
                    {
                        await PutAsync(claim, token);
                        return true;
                    }
                    catch (ApiException exception) when (exception.IsConflict || exception.IsNotFound || exception.IsAlreadyExists)
                    {
                        _own = await _client.FindAsync<Lease>(_key, token);
                        return _own is null ? null : (bool?)false;
                    }
                },
                cancellationToken);
        }
        catch (Exception exception) when (IsPassing(exception))
        {
            Log.LeaseFailed(_logger, _key.ToString(), exception.Message);
            return false;
        }
    }

    /// <summary>All members' Leases as they are now: not from a cache that may be behind. Null: the server did not say.</summary>
    public async Task<IReadOnlyCollection<ShardRecord>?> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            var list = await InTimeAsync(token => _client.ListAsync<Lease>(new() { Namespace = _options.Namespace, LabelSelector = _selector }, token), cancellationToken);
            _listed = list.Items.ToDictionary(lease => lease.Metadata.Name!, StringComparer.Ordinal);
            return [.. list.Items.Select(lease => ShardLease.Read(lease, _options.LeaseDuration))];
        }
        catch (Exception exception) when (IsPassing(exception))
        {
            LastError = exception.Message;
            Log.LeaseFailed(_logger, $"{_options.Namespace} {_selector}", exception.Message);
            return null;
        }
    }

    /// <summary>Deletes a Lease if it is still as it was listed. Does not throw for a server that fails: there is another time.</summary>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var lease = name == _key.Name ? _own : _listed.GetValueOrDefault(name);
        if (lease is null)
        {
            return;
        }

        try
        {
            var options = new DeleteOptions { Uid = lease.Metadata.Uid, ResourceVersion = lease.Metadata.ResourceVersion };
            await InTimeAsync(token => _client.DeleteAsync<Lease>(new(_key.Namespace, name), options, token), cancellationToken);
        }
        catch (Exception exception) when (IsPassing(exception))
        {
            Log.LeaseFailed(_logger, $"{_key.Namespace}/{name}", exception.Message);
        }
    }

    /// <summary>Tells of each change of a member's Lease until cancelled. It makes things quicker and nothing depends on it: a watch may be behind, or not allowed.</summary>
    /// <param name="changed">Called with the name and version.</param>
    /// <param name="isNews">Called when a claim says something new, or a Lease comes or goes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WatchAsync(Action<string, string> changed, Action isNews, CancellationToken cancellationToken)
    {
        var claims = new Dictionary<string, ShardClaim>(StringComparer.Ordinal);
        var watcher = new Watcher(_client, Lease.Resource, new() { Namespace = _options.Namespace, LabelSelector = _selector });
        await foreach (var happened in watcher.RunAsync(cancellationToken))
        {
            if (happened.Kind == WatchEventKind.Restarted)
            {
                claims.Clear();
                isNews();
            }

            foreach (var value in happened.Kind == WatchEventKind.Applied ? [happened.Object!] : happened.Objects ?? [])
            {
                var record = ShardLease.Read(value.To<Lease>(), _options.LeaseDuration);
                changed(record.Name, record.Version);
                if (!claims.TryGetValue(record.Name, out var before) || !before.Equals(record.Claim))
                {
                    claims[record.Name] = record.Claim;
                    isNews();
                }
            }

            if (happened.Kind == WatchEventKind.Deleted)
            {
                claims.Remove(happened.Object!.Key.Name);
                isNews();
            }
        }
    }

    private async Task PutAsync(ShardClaim claim, CancellationToken cancellationToken)
    {
        var before = _own ?? new Lease
        {
            Metadata = new() { Name = _key.Name, Namespace = _key.Namespace, Labels = new() { [ShardLease.GroupLabel] = _options.Group } },
        };
        var written = ShardLease.Write(before, claim, _options.LeaseDuration, _time.GetUtcNow());
        _own = _own is null
            ? await _client.CreateAsync(written, cancellationToken: cancellationToken)
            : await _client.UpdateAsync(written, cancellationToken: cancellationToken);
    }

    /// <summary>A request that hangs leaves time for another.</summary>
    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(_options.RenewDeadline / 2, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await send(either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("the server did not answer in time", exception);
        }
    }

    // Also of one that was cancelled: whoever cancelled it finds out by the next wait.
    private static bool IsPassing(Exception exception) => exception is ApiException or HttpRequestException or TimeoutException or System.Text.Json.JsonException;
}
