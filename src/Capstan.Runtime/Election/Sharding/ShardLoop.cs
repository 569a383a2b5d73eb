using System.Diagnostics.Metrics;
using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Capstan.Election.Sharding;

/// <summary>Keeps this replica among those that share the keys: joins, renews, watches the others, and leaves.</summary>
/// <remarks>
/// <para>Flow: <see cref="LookAsync"/> (whose keys will be ours?) → caches fill → <see cref="RunAsync"/> → <see cref="LeaveAsync"/>.</para>
/// <para>What may be started and written is <see cref="ShardMember"/>'s to say; this moves its messages. Begin and write checks are thread-safe.</para>
/// </remarks>
internal sealed class ShardLoop : IDisposable
{
    private static readonly TimeSpan LookTimeout = TimeSpan.FromMinutes(2);

    private readonly ShardLeases _leases;
    private readonly ShardingOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly Counter<long> _lapses;
    private readonly long _zero;
    private readonly AsyncLocal<RunScope?> _scope = new();
    private readonly Signal _wake = new(), _guard = new();
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _lost = new();
    private ShardView _told = ShardView.Empty;

    public ShardLoop(KubeClient client, ShardingOptions options, Meter meter, TimeProvider time, Random random, ILogger logger)
    {
        options.Validate();
        _options = options;
        _time = time;
        _random = random;
        _logger = logger;
        _zero = time.GetTimestamp();

        // Always another one: a process that comes after this one must not pass for it.
        var name = $"{options.Group}-{Guid.NewGuid():n}"[..(options.Group.Length + 13)];
        Member = new(name, options.RenewDeadline);
        _leases = new(client, options, name, time, logger);
        meter.CreateObservableGauge("capstan_shard_members", () => Member.IsMember(Now) ? Member.Wanted.Members.Count : 0, null, "Replicas that share the keys, as this one sees them; 0 while it is none of them");
        _lapses = meter.CreateCounter<long>("capstan_shard_lapses_total", null, "Times that this replica lost its membership");
        _lapses.Add(0);
    }

    /// <summary>Raised after each step of the protocol: what is owned or wanted may have changed. Must be quick.</summary>
    public event Action? Changed;

    public ShardMember Member { get; }

    private TimeSpan Now => _time.GetElapsedTime(_zero);

    /// <summary>Whether this replica may start a run of the key now.</summary>
    public bool Owns(ulong key) => Member.Ownership.Has(key);

    /// <summary>Whether the membership holds at this moment.</summary>
    public bool IsMember => Member.IsMember(Now);

    /// <summary>Whether a request that writes may be sent now, in the flow of the caller: for every run that this flow is part of, and for the replica.</summary>
    public bool MayWrite()
    {
        var now = Now;
        for (var scope = _scope.Value; scope is not null; scope = scope.Outer)
        {
            if (!Member.MayWrite(scope.Run, now))
            {
                return false;
            }
        }

        return Member.MayWrite(null, now);
    }

    /// <summary>Begins a run in the flow of the caller; null if the key is not ours now.</summary>
    /// <returns>Ends the run when disposed, with the token that is cancelled when the membership is lost.</returns>
    public (CancellationToken Lost, Action Ended)? Begin(ulong key)
    {
        // Taken first: one that is replaced meanwhile is cancelled already, and costs the run but nothing else.
        var lost = Volatile.Read(ref _lost).Token;
        if (Member.Begin(key, Now) is not { } run)
        {
            return null;
        }

        _scope.Value = new(run, _scope.Value);
        return (lost, () => End(run));
    }

    /// <summary>Reads who the others are, so that the caches can be filled for the time after joining.</summary>
    /// <exception cref="TimeoutException">It could not for two minutes; the message has the reason.</exception>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var until = Now + LookTimeout;
        while (!await ListAsync(cancellationToken))
        {
            if (Now >= until)
            {
                throw new TimeoutException($"the Leases of the replicas of {_options.Group} in {_options.Namespace} could not be listed within {LookTimeout.TotalSeconds:0} s: {_leases.LastError}");
            }

            await Task.Delay(_options.RetryPeriod, _time, cancellationToken);
        }
    }

    /// <summary>Takes part until cancelled, or until runs outlast a lost membership.</summary>
    /// <returns>Why the process must end.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Log.ShardJoining(_logger, _options.Group, Member.Name);
        var watching = _leases.WatchAsync((name, version) => Member.Noticed(name, version, Now), _wake.Set, both.Token);
        var rounds = RoundsAsync(both.Token);
        var guard = GuardAsync(both.Token);
        await Task.WhenAny(watching, rounds, guard);
        await both.CancelAsync();
        try
        {
            await Task.WhenAll(watching, rounds);
        }
        catch (OperationCanceledException)
        {
            // By the line above, or by the caller.
        }

        return await guard;
    }

    /// <summary>Starts no run more, and returns when the others know that this replica has none left, or after <paramref name="limit"/>. <see cref="RunAsync"/> must be running.</summary>
    public async Task<bool> LeaveAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        Leave();
        try
        {
            await _left.Task.WaitAsync(limit, _time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            // The server is away: then the Lease expires.
            return false;
        }
    }

    /// <summary>Starts no run more; the others take over what does not run here.</summary>
    public void Leave()
    {
        Member.Leave();
        _wake.Set();
        Changed?.Invoke();
    }

    public void Filled(ShardView view)
    {
        Member.Filled(view);
        Changed?.Invoke();
    }

    public void Dispose() => _lost.Dispose();

    private async Task RoundsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var wentWell = await RoundAsync(cancellationToken);
            if (Member.HasLeft)
            {
                await GoAsync(wentWell, cancellationToken);
            }

            if (wentWell)
            {
                await _wake.WaitAsync(TimeToNext(), _time, cancellationToken);
            }
            else
            {
                // Spread, and not sooner for any news: a server in trouble is not asked more often.
                await Task.Delay(_options.RetryPeriod * (1 + 0.2 * _random.NextDouble()), _time, cancellationToken);
            }
        }
    }

    /// <summary>The others know that nothing runs here any more.</summary>
    private async Task GoAsync(bool looked, CancellationToken cancellationToken)
    {
        if (looked && Member.Wanted.Members.Count == 0)
        {
            // Nobody is there who would delete it later, and nobody who would have to see it.
            await _leases.DeleteAsync(Member.Name, cancellationToken);
        }

        _left.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
    }

    /// <summary>One round: say what we claim, then look at the others. In this order, always: of two that claim a key the later one sees the earlier.</summary>
    /// <returns>Whether the server did its part.</returns>
    private async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        var sentAt = Now;
        if (Member.NextClaim(sentAt) is { } claim)
        {
            // What may no longer be started is settled before others can read it.
            Step();
            switch (await _leases.WriteAsync(claim, cancellationToken))
            {
                case true:
                    Member.Stored(claim, sentAt, Now);
                    Step();
                    break;
                case null:
                    Member.Gone();
                    Step();
                    return false;
                default:
                    return false;
            }
        }

        return await ListAsync(cancellationToken);
    }

    private async Task<bool> ListAsync(CancellationToken cancellationToken)
    {
        var startedAt = Now;
        if (await _leases.ListAsync(cancellationToken) is not { } records)
        {
            return false;
        }

        Member.Listed(records, startedAt, Now);
        Step();
        if (IsMember && Member.Wanted.Members is [var first, ..] && first == Member.Name)
        {
            foreach (var gone in Member.LongGone(records, Now))
            {
                Log.ShardCleanedUp(_logger, gone.Name);
                await _leases.DeleteAsync(gone.Name, cancellationToken);
            }
        }

        return true;
    }

    private void Step()
    {
        if (Member.Wanted is var wanted && !wanted.Equals(_told))
        {
            _told = wanted;
            Log.ShardMembers(_logger, _options.Group, wanted.Members.Count, wanted.ToString());
        }

        _guard.Set();
        Changed?.Invoke();
    }

    /// <summary>At once if there is something to say; else at the time to renew, or when another's Lease ends.</summary>
    private TimeSpan TimeToNext()
    {
        if (Member.WantsToClaim && (IsMember || Member.Running == 0))
        {
            return TimeSpan.Zero;
        }

        var expiry = Member.NextExpiry is { } at ? at - Now + TimeSpan.FromMilliseconds(1) : TimeSpan.MaxValue;
        return expiry < _options.RetryPeriod ? (expiry > TimeSpan.Zero ? expiry : TimeSpan.Zero) : _options.RetryPeriod;
    }

    /// <summary>Cancels the runs as soon as the membership is lost, and ends when they do not heed it.</summary>
    private async Task<string> GuardAsync(CancellationToken cancellationToken)
    {
        var joined = false;
        while (true)
        {
            if (IsMember)
            {
                joined = true;
                await _guard.WaitAsync(Member.ValidUntil - Now, _time, cancellationToken);
                continue;
            }

            if (joined)
            {
                joined = false;
                _lapses.Add(1);
                Log.ShardLapsed(_logger, _options.Group, Member.Running);
                Changed?.Invoke();

                // Counted from when it was lost, not from when this process noticed: it may have been paused.
                var last = (Member.ValidUntil < Now ? Member.ValidUntil : Now) + _options.LeaseDuration - _options.RenewDeadline;
                await Interlocked.Exchange(ref _lost, new()).CancelAsync();
                while (Member.Running > 0)
                {
                    if (Now >= last)
                    {
                        return $"{Member.Running} runs did not end when the membership in {_options.Group} was lost";
                    }

                    await _guard.WaitAsync(last - Now, _time, cancellationToken);
                }

                _wake.Set();
                continue;
            }

            await _guard.WaitAsync(_options.RetryPeriod, _time, cancellationToken);
        }
    }

    private void End(ShardRun run)
    {
        if (Member.End(run))
        {
            _wake.Set();
            _guard.Set();
            Changed?.Invoke();
        }
    }

    private sealed record RunScope(ShardRun Run, RunScope? Outer);
}
