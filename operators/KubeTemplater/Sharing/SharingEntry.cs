using Capstan;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Sharing;

/// <summary>The way of a replica into sharing: no leader may work, and one that starts at the same moment must know.</summary>
/// <remarks>
/// A leader writes its Lease and looks for replicas that share, or are about to; this one gives notice and looks for the leader's Lease. Whoever looks later sees the other. If
/// both do, the notice is withdrawn: a leader never gives way, so the two do not wait for each other.
/// </remarks>
internal sealed class SharingEntry(OtherReplicas leader, SharingNotice notice, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    /// <summary>Returns once this replica may join.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await leader.WaitUntilGoneAsync(cancellationToken);
            try
            {
                await notice.GiveAsync(cancellationToken);
                if (!await leader.AreAliveAsync(cancellationToken))
                {
                    return;
                }

                await notice.WithdrawAsync(cancellationToken);
            }
            catch (ApiException refused) when (refused.IsForbidden)
            {
                Log.TakeoverMayNotLook(logger, "of other replicas", refused.Status.Message ?? refused.Message);
                return;
            }
            catch (Exception fault) when (fault is ApiException or HttpRequestException or TimeoutException)
            {
                Log.TakeoverCannotLook(logger, "of other replicas", fault.Message);
                await Task.Delay(_pause, time, cancellationToken);
            }
        }
    }
}
