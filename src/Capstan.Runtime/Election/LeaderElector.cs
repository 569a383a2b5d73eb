using System.Diagnostics.Metrics;
using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Capstan.Election;

/// <summary>Competes with other replicas for a Lease.</summary>
/// <remarks>
/// <para>Flow: <see cref="AcquireAsync"/> → work, with <see cref="HoldAsync"/> beside it → the work ends → <see cref="ReleaseAsync"/>.</para>
/// <para>Guarantee: while one replica's <see cref="IsLeader"/> is true no other's is, as long as clocks run at about the same rate. A leader counts from
/// before it sent its last successful renewal and gives up after the renew deadline; the others count from when they saw that renewal, and wait
/// for the longer lease duration. No replica compares its clock with a time that another wrote.</para>
/// </remarks>
internal sealed class LeaderElector
{
    private readonly KubeClient client;
    private readonly LeaderElectionOptions options;
    private readonly TimeProvider time;
    private readonly Random random;
    private readonly ILogger logger;
    private readonly ObjectKey key;
    private readonly Counter<long> slowPath;

    // Of the one loop that acquires, then holds, then releases.
    private Lease? observed;
    private long observedAt;
    private string? reportedHolder;

    // Read by everybody: the timestamp of the last successful renewal, or null.
    private long renewedAt;
    private volatile bool holding;

    public LeaderElector(KubeClient client, LeaderElectionOptions options, Meter meter, TimeProvider time, Random random, ILogger logger)
    {
        options.Validate();
        this.client = client;
        this.options = options;
        this.time = time;
        this.random = random;
        this.logger = logger;
        key = new(options.Namespace, options.LeaseName);
        Identity = options.Identity ?? $"{Environment.MachineName}_{Guid.NewGuid()}";
        KeyValuePair<string, object?> name = new("name", options.LeaseName);
        meter.CreateObservableGauge("leader_election_master_status", () => new Measurement<int>(IsLeader ? 1 : 0, name), null, "Whether this replica is the leader");
        slowPath = meter.CreateCounter<long>("leader_election_slowpath_total", null, "Renewals that had to read the Lease first");
        slowPath.Add(0, name);
    }

    /// <summary>Name of this replica in the Lease.</summary>
    public string Identity { get; }

    /// <summary>Whether this replica may work and write, by its own clock, at this moment.</summary>
    public bool IsLeader => holding && time.GetElapsedTime(Interlocked.Read(ref renewedAt)) < options.RenewDeadline;

    /// <summary>Returns once this replica is the leader. Failures to reach the server are logged and tried again.</summary>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        Log.ElectionStarted(logger, key.ToString(), Identity);
        while (await TryOnceAsync(options.RenewDeadline, cancellationToken) != Attempt.Held)
        {
            // Spread, so that replicas that started together do not meet at each try.
            await Task.Delay(options.RetryPeriod * (1 + 0.2 * random.NextDouble()), time, cancellationToken);
        }

        holding = true;
        Log.BecameLeader(logger, key.ToString(), Identity);
    }

    /// <summary>Renews until cancelled (then this replica still holds the Lease), or until leadership is lost.</summary>
    /// <returns>Why it was lost.</returns>
    /// <exception cref="OperationCanceledException">Cancelled while leader.</exception>
    public async Task<string> HoldAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Shorter(options.RetryPeriod, TimeLeft), time, cancellationToken);
            var left = TimeLeft;
            var attempt = left > TimeSpan.Zero ? await TryOnceAsync(left, cancellationToken) : Attempt.Failed;
            if (attempt == Attempt.HeldByAnother || TimeLeft <= TimeSpan.Zero)
            {
                holding = false;
                var reason = attempt == Attempt.HeldByAnother
                    ? $"{observed?.Spec?.HolderIdentity} holds it"
                    : $"it could not be renewed for {options.RenewDeadline.TotalSeconds:0.#} s";
                Log.LostLeadership(logger, key.ToString(), reason);
                return reason;
            }
        }
    }

    /// <summary>Leaves the Lease to the others at once, if this replica still holds it. Only after its work has ended. Does not throw for a server that fails.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        holding = false;
        if (observed is not { Spec: { } spec } || spec.HolderIdentity != Identity)
        {
            return;
        }

        var now = time.GetUtcNow();
        var released = observed with { Spec = spec with { HolderIdentity = "", LeaseDurationSeconds = 1, AcquireTime = now, RenewTime = now } };
        try
        {
            observed = await client.UpdateAsync(released, cancellationToken: cancellationToken);
            Log.LeaseReleased(logger, key.ToString());
        }
        catch (Exception exception) when (exception is ApiException or HttpRequestException or TimeoutException or OperationCanceledException)
        {
            // Somebody else has it, or the server is away: then it expires.
            Log.LeaseFailed(logger, key.ToString(), exception.Message);
        }
    }

    private TimeSpan TimeLeft => options.RenewDeadline - time.GetElapsedTime(Interlocked.Read(ref renewedAt));

    /// <summary>One try to take or renew, which ends after <paramref name="limit"/> whatever the server does.</summary>
    private async Task<Attempt> TryOnceAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);

        // From before the request: the server may have stored it long before the answer came.
        var startedAt = time.GetTimestamp();
        try
        {
            var attempt = await TakeOrRenewAsync(either.Token);
            if (attempt == Attempt.Held)
            {
                Interlocked.Exchange(ref renewedAt, startedAt);
            }

            return attempt;
        }
        catch (ApiException exception)
        {
            Log.LeaseFailed(logger, key.ToString(), exception.Message);
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException)
        {
            Log.LeaseFailed(logger, key.ToString(), exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Log.LeaseFailed(logger, key.ToString(), "the server did not answer in time");
        }

        return Attempt.Failed;
    }

    private async Task<Attempt> TakeOrRenewAsync(CancellationToken cancellationToken)
    {
        // 1. Renew what is ours without reading it: the resourceVersion proves that nobody touched it.
        if (observed is { } mine && mine.Spec?.HolderIdentity == Identity && await TryPutAsync(mine, cancellationToken))
        {
            return Attempt.Held;
        }

        // 2. Read it, or be the first to create it.
        if (holding)
        {
            slowPath.Add(1, new KeyValuePair<string, object?>("name", key.Name));
        }

        if (await client.FindAsync<Lease>(key, cancellationToken) is not { } current)
        {
            return await TryCreateAsync(cancellationToken) ? Attempt.Held : Attempt.Failed;
        }

        // 3. Any change of the record is a sign of life of its holder, and starts the wait anew.
        if (current.Metadata.ResourceVersion != observed?.Metadata.ResourceVersion || current.Metadata.Uid != observed?.Metadata.Uid)
        {
            observedAt = time.GetTimestamp();
        }

        observed = current;
        var holder = current.Spec?.HolderIdentity ?? "";
        if (holder.Length > 0 && holder != reportedHolder && holder != Identity)
        {
            Log.LeaderSeen(logger, key.ToString(), holder);
        }

        reportedHolder = holder;

        // 4. Another one's, and not yet expired by our own clock.
        if (holder.Length > 0 && holder != Identity && time.GetElapsedTime(observedAt) < DurationOf(current))
        {
            return Attempt.HeldByAnother;
        }

        // 5. Nobody's, expired or ours. A Lease that was created empty comes here too: it is updated, never created.
        return await TryPutAsync(current, cancellationToken) ? Attempt.Held : Attempt.Failed;
    }

    private async Task<bool> TryCreateAsync(CancellationToken cancellationToken)
    {
        try
        {
            var lease = new Lease { Metadata = new() { Name = key.Name, Namespace = key.Namespace }, Spec = Claim(null) };
            observed = await client.CreateAsync(lease, cancellationToken: cancellationToken);
            return true;
        }
        catch (ApiException exception) when (exception.IsAlreadyExists)
        {
            return false;
        }
    }

    private async Task<bool> TryPutAsync(Lease lease, CancellationToken cancellationToken)
    {
        try
        {
            observed = await client.UpdateAsync(lease with { Spec = Claim(lease.Spec) }, cancellationToken: cancellationToken);
            return true;
        }
        catch (ApiException exception) when (exception.IsConflict || exception.IsNotFound)
        {
            return false;
        }
    }

    private LeaseSpec Claim(LeaseSpec? before)
    {
        var now = time.GetUtcNow();
        var ours = before?.HolderIdentity == Identity;
        return (before ?? new()) with
        {
            HolderIdentity = Identity,
            LeaseDurationSeconds = (int)Math.Ceiling(options.LeaseDuration.TotalSeconds),
            AcquireTime = ours ? before!.AcquireTime ?? now : now,
            RenewTime = now,
            LeaseTransitions = before is null ? 0 : (before.LeaseTransitions ?? 0) + (ours ? 0 : 1),
        };
    }

    /// <summary>What the holder promised to its followers; ours if it did not say.</summary>
    private TimeSpan DurationOf(Lease lease) =>
        lease.Spec?.LeaseDurationSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : options.LeaseDuration;

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right)
    {
        var shorter = left < right ? left : right;
        return shorter < TimeSpan.Zero ? TimeSpan.Zero : shorter;
    }

    private enum Attempt
    {
        Held,
        HeldByAnother,
        Failed,
    }
}
