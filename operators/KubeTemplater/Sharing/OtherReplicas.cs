using Capstan;
using Capstan.Election;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Sharing;

/// <summary>Replicas that work in the other way, known by their Leases. Whether one is alive is judged by changes that are seen, on this machine's own clock.</summary>
/// <param name="read">Reads their Leases.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Tells what is waited for.</param>
internal sealed class OtherReplicas(Func<CancellationToken, Task<IReadOnlyList<Lease>>> read, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _usualDuration = TimeSpan.FromSeconds(15);

    private readonly Dictionary<ObjectKey, (string? Version, long At)> _seen = [];
    private string _told = "";

    /// <summary>Returns once none of them is alive. Failures of the server are tried again.</summary>
    public async Task WaitUntilGoneAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var alive = await AliveAsync(cancellationToken);
                if (alive.Count == 0)
                {
                    return;
                }

                Tell(string.Join(", ", alive));
            }
            catch (ApiException refused) when (refused.IsForbidden)
            {
                Log.TakeoverMayNotLook(logger, "of other replicas", refused.Status.Message ?? refused.Message);
                return;
            }
            catch (Exception fault) when (fault is ApiException or HttpRequestException or TimeoutException)
            {
                Log.TakeoverCannotLook(logger, "of other replicas", fault.Message);
            }

            await Task.Delay(_period, time, cancellationToken);
        }
    }

    /// <summary>Looks once whether one of them is alive, or may be: a Lease that was never seen before counts.</summary>
    public async Task<bool> AreAliveAsync(CancellationToken cancellationToken) => (await AliveAsync(cancellationToken)).Count > 0;

    private async Task<List<string>> AliveAsync(CancellationToken cancellationToken) =>
        [.. (await read(cancellationToken)).Where(IsAlive).Select(lease => lease.Spec!.HolderIdentity!).Order(StringComparer.Ordinal)];

    private bool IsAlive(Lease lease)
    {
        if (lease.Spec is not { HolderIdentity.Length: > 0 } spec)
        {
            return false;
        }

        if (!_seen.TryGetValue(lease.Key, out var seen) || seen.Version != lease.Metadata.ResourceVersion)
        {
            _seen[lease.Key] = seen = (lease.Metadata.ResourceVersion, time.GetTimestamp());
        }

        return time.GetElapsedTime(seen.At) < (spec.LeaseDurationSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : _usualDuration);
    }

    private void Tell(string alive)
    {
        if (_told != alive)
        {
            _told = alive;
            Log.WaitsForOtherReplicas(logger, alive);
        }
    }
}
