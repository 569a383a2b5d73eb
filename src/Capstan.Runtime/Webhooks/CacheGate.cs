using Capstan.Caching;

namespace Capstan.Webhooks;

/// <summary>Whether the caches of an operator have their first state: what a handler reads before says too little.</summary>
internal sealed class CacheGate(IReadOnlyList<Informer> informers, TimeProvider time)
{
    private Task? _open;

    /// <summary>Waits until they have.</summary>
    /// <returns>Null once they have; else which of them had not after <paramref name="limit"/>, or will not, and why.</returns>
    public async ValueTask<string?> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var open = _open ??= Task.WhenAll(informers.Select(static informer => informer.Synced));
        if (open.IsCompletedSuccessfully)
        {
            return null;
        }

        try
        {
            await open.WaitAsync(limit, time, cancellationToken);
            return null;
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return string.Join("; ", informers.Where(informer => !informer.HasSynced).Select(informer => $"{informer.Type.GroupResource} ({informer.Scope}): {informer.LastError?.Message ?? "not in sync yet"}"));
        }
    }
}
