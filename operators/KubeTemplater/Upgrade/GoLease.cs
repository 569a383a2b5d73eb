using Capstan;
using Capstan.Election;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Upgrade;

/// <summary>The Lease of the Go operator: while that one holds it, nothing may be written.</summary>
/// <remarks>
/// The Go operator keeps it in the namespace of its pod, which need not be <c>OPERATOR_NAMESPACE</c>. Replicas of this operator compete for the Lease of
/// the same name: their identities end in <see cref="IdentitySuffix"/>, so that one of them is never waited for here. Whether a holder is alive is judged
/// as by every other replica: by changes that are seen, on this machine's own clock.
/// </remarks>
internal sealed class GoLease(KubeClient client, IReadOnlyCollection<string> namespaces, TimeProvider time, ILogger logger)
{
    /// <summary>How the identities of this operator's replicas end.</summary>
    private const string IdentitySuffix = "_capstan";

    private static readonly TimeSpan _period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _usualDuration = TimeSpan.FromSeconds(15);

    // Nobody's clock is that wrong, and nobody renews that rarely: what a crash left behind months ago is not waited for at each start.
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(10);

    private volatile string? _waitsFor;

    /// <summary>What is waited for, for people; null: nothing (any more).</summary>
    public string? WaitsFor => _waitsFor;

    /// <summary>An identity in the Lease for this replica.</summary>
    public static string NewIdentity() => $"{Environment.MachineName}_{Guid.NewGuid()}{IdentitySuffix}";

    /// <summary>Returns once no Go operator holds its Lease. Failures of the server are logged and tried again.</summary>
    public async Task WaitUntilFreeAsync(CancellationToken cancellationToken)
    {
        foreach (var @namespace in namespaces.Distinct(StringComparer.Ordinal))
        {
            await WaitUntilFreeAsync(new ObjectKey(@namespace, KubeTemplaterOperator.LeaseName), cancellationToken);
        }

        _waitsFor = null;
    }

    private async Task WaitUntilFreeAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Lease? seen = null;
        var seenAt = 0L;
        var hasWaited = false;
        while (true)
        {
            try
            {
                var lease = await client.FindAsync<Lease>(key, cancellationToken);
                if (lease?.Metadata.ResourceVersion != seen?.Metadata.ResourceVersion || lease?.Metadata.Uid != seen?.Metadata.Uid)
                {
                    (seen, seenAt) = (lease, time.GetTimestamp());
                }

                if (!IsHeldByAnother(lease, time.GetElapsedTime(seenAt)))
                {
                    if (!hasWaited)
                    {
                        return;
                    }

                    // The Go operator gives the Lease away before the last of its workers has ended.
                    await Task.Delay(_period, time, cancellationToken);
                    Log.TakeoverGoesOn(logger, key.ToString());
                    return;
                }

                Tell(lease!, key);
            }
            catch (ApiException refused) when (refused.IsForbidden)
            {
                Log.TakeoverMayNotLook(logger, key.ToString(), refused.Status.Message ?? refused.Message);
                return;
            }
            catch (Exception fault) when (fault is ApiException or HttpRequestException or TimeoutException)
            {
                _waitsFor = $"Lease {key} cannot be read, and a Go operator may hold it: {fault.Message}";
                Log.TakeoverCannotLook(logger, key.ToString(), fault.Message);
            }

            hasWaited = true;
            await Task.Delay(_period, time, cancellationToken);
        }
    }

    private bool IsHeldByAnother(Lease? lease, TimeSpan unchangedFor)
    {
        if (lease?.Spec is not { HolderIdentity: { Length: > 0 } holder } spec || holder.EndsWith(IdentitySuffix, StringComparison.Ordinal))
        {
            return false;
        }

        var duration = spec.LeaseDurationSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : _usualDuration;
        return unchangedFor < (duration < _longest ? duration : _longest)
            && (spec.RenewTime is not { } renewed || time.GetUtcNow() - renewed < _longest);
    }

    private void Tell(Lease lease, ObjectKey key)
    {
        var text = $"Lease {key} is held by {lease.Spec!.HolderIdentity}: waiting for that KubeTemplater to stop";
        if (_waitsFor != text)
        {
            _waitsFor = text;
            Log.TakeoverWaits(logger, key.ToString(), lease.Spec.HolderIdentity!);
        }
    }
}
