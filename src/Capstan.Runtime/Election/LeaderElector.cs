using System.Diagnostics.Metrics;
using System.Text.Json;
using Capstan.Diagnostics;
using Capstan.Watching;
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
    private readonly KubeClient _client;
    private readonly LeaderElectionOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly ObjectKey _key;
    private readonly Counter<long> _slowPath;

    // Of the one loop that acquires, then holds, then releases.
    private Lease? _observed;
    private long _observedAt;
    private string? _reportedHolder;
    private readonly Signal _wake = new();
    private volatile Notice? _noticed;

    // Read by everybody: the timestamp of the last successful renewal, or null.
    private long _renewedAt;
    private volatile bool _holding;

    public LeaderElector(KubeClient client, LeaderElectionOptions options, Meter meter, TimeProvider time, Random random, ILogger logger)
    {
        options.Validate();
        _client = client;
        _options = options;
        _time = time;
        _random = random;
        _logger = logger;
        _key = new(options.Namespace, options.LeaseName);
        Identity = options.Identity ?? $"{Environment.MachineName}_{Guid.NewGuid()}";
        KeyValuePair<string, object?> name = new("name", options.LeaseName);
        meter.CreateObservableGauge("leader_election_master_status", () => new Measurement<int>(IsLeader ? 1 : 0, name), null, "Whether this replica is the leader");
        _slowPath = meter.CreateCounter<long>("leader_election_slowpath_total", null, "Renewals that had to read the Lease first");
        _slowPath.Add(0, name);
    }

    /// <summary>Name of this replica in the Lease.</summary>
    public string Identity { get; }

    /// <summary>Version of the Lease that the watch told of last, while waiting; null before.</summary>
    internal string? NoticedVersion => _noticed?.Version;

    /// <summary>Whether this replica may work and write, by its own clock, at this moment.</summary>
    public bool IsLeader => _holding && _time.GetElapsedTime(Interlocked.Read(ref _renewedAt)) < _options.RenewDeadline;

    /// <summary>Returns once this replica is the leader. Failures to reach the server are logged and tried again.</summary>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        Log.ElectionStarted(_logger, _key.ToString(), Identity);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = Task.CompletedTask;
        while (await TryOnceAsync(_options.RenewDeadline, cancellationToken) is var attempt && attempt != Attempt.Held)
        {
            watching = attempt == Attempt.HeldByAnother && watching.IsCompleted ? WatchAsync(waiting.Token) : watching;

            // Spread, so that replicas that started together do not meet at each try; but not beyond the moment when the lease is free.
            var pause = _options.RetryPeriod * (1 + 0.2 * _random.NextDouble());
            var left = attempt == Attempt.HeldByAnother ? DurationOf(_observed!) - _time.GetElapsedTime(_observedAt) : pause;
            await _wake.WaitAsync(Shorter(pause, left), _time, cancellationToken);
        }

        await waiting.CancelAsync();
        await Task.WhenAny(watching);
        _holding = true;
        Log.BecameLeader(_logger, _key.ToString(), Identity);
    }

    /// <summary>Renews until cancelled (then this replica still holds the Lease), or until leadership is lost.</summary>
    /// <returns>Why it was lost.</returns>
    /// <exception cref="OperationCanceledException">Cancelled while leader.</exception>
    public async Task<string> HoldAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Shorter(_options.RetryPeriod, TimeLeft), _time, cancellationToken);
            var left = TimeLeft;
            var attempt = left > TimeSpan.Zero ? await TryOnceAsync(left, cancellationToken) : Attempt.Failed;
            if (attempt == Attempt.HeldByAnother || TimeLeft <= TimeSpan.Zero)
            {
                _holding = false;
                var reason = attempt == Attempt.HeldByAnother
                    ? $"{_observed?.Spec?.HolderIdentity} holds it"
                    : $"it could not be renewed for {_options.RenewDeadline.TotalSeconds:0.#} s";
                Log.LostLeadership(_logger, _key.ToString(), reason);
                return reason;
            }
        }
    }

    /// <summary>Leaves the Lease to the others at once, if this replica still holds it. Only after its work has ended. Does not throw for a server that fails.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        _holding = false;
        if (_observed is not { Spec: { } spec } || spec.HolderIdentity != Identity)
        {
            return;
        }

        var now = _time.GetUtcNow();
        var released = _observed with { Spec = spec with { HolderIdentity = "", LeaseDurationSeconds = 1, AcquireTime = now, RenewTime = now } };
        try
        {
            _observed = await _client.UpdateAsync(released, cancellationToken: cancellationToken);
            Log.LeaseReleased(_logger, _key.ToString());
        }
        catch (Exception exception) when (exception is ApiException or HttpRequestException or TimeoutException or OperationCanceledException or JsonException)
        {
            // Somebody else has it, or the server is away: then it expires.
            Log.LeaseFailed(_logger, _key.ToString(), exception.Message);
        }
    }

    /// <summary>Tells of a release at once, and of renewals when they happen. It makes things quicker and nothing depends on it: a watch may be behind, or not allowed.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var watcher = new Watcher(_client, Lease.Resource, new() { Namespace = _key.Namespace, FieldSelector = $"metadata.name={_key.Name}" });
        await foreach (var happened in watcher.RunAsync(cancellationToken))
        {
            var value = happened.Kind == WatchEventKind.Applied ? happened.Object : happened.Objects is [var only] ? only : null;
            if (value?.To<Lease>() is { } lease)
            {
                // Seen later than it was stored, as every sight is: to count from here is safe.
                _noticed = new(lease.Metadata.ResourceVersion, _time.GetTimestamp());
                if (string.IsNullOrEmpty(lease.Spec?.HolderIdentity))
                {
                    _wake.Set();
                }
            }
            else if (happened.Kind is WatchEventKind.Deleted)
            {
                _wake.Set();
            }
        }
    }

    private TimeSpan TimeLeft => _options.RenewDeadline - _time.GetElapsedTime(Interlocked.Read(ref _renewedAt));

    /// <summary>One try to take or renew, which ends after <paramref name="limit"/> whatever the server does.</summary>
    private async Task<Attempt> TryOnceAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);

        // From before the request: the server may have stored it long before the answer came.
        var startedAt = _time.GetTimestamp();
        try
        {
            var attempt = await TakeOrRenewAsync(either.Token);
            if (attempt == Attempt.Held)
            {
                Interlocked.Exchange(ref _renewedAt, startedAt);
            }

            return attempt;
        }
        catch (ApiException exception)
        {
            Log.LeaseFailed(_logger, _key.ToString(), exception.Message);
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException or JsonException)
        {
            Log.LeaseFailed(_logger, _key.ToString(), exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Log.LeaseFailed(_logger, _key.ToString(), "the server did not answer in time");
        }

        return Attempt.Failed;
    }

    private async Task<Attempt> TakeOrRenewAsync(CancellationToken cancellationToken)
    {
        // 1. Renew what is ours without reading it: the resourceVersion proves that nobody touched it.
        if (_observed is { } mine && mine.Spec?.HolderIdentity == Identity && await TryPutAsync(mine, cancellationToken))
        {
            return Attempt.Held;
        }

        // 2. Read it, or be the first to create it.
        if (_holding)
        {
            _slowPath.Add(1, new KeyValuePair<string, object?>("name", _key.Name));
        }

        if (await _client.FindAsync<Lease>(_key, cancellationToken) is not { } current)
        {
            return await TryCreateAsync(cancellationToken) ? Attempt.Held : Attempt.Failed;
        }

        // 3. Any change of the record is a sign of life of its holder, and starts the wait anew.
        if (current.Metadata.ResourceVersion != _observed?.Metadata.ResourceVersion || current.Metadata.Uid != _observed?.Metadata.Uid)
        {
            _observedAt = _noticed is { } noticed && noticed.Version == current.Metadata.ResourceVersion ? noticed.At : _time.GetTimestamp();
        }

        _observed = current;
        var holder = current.Spec?.HolderIdentity ?? "";
        if (holder.Length > 0 && holder != _reportedHolder && holder != Identity)
        {
            Log.LeaderSeen(_logger, _key.ToString(), holder);
        }

        _reportedHolder = holder;

        // 4. Another one's, and not yet expired by our own clock.
        if (holder.Length > 0 && holder != Identity && _time.GetElapsedTime(_observedAt) < DurationOf(current))
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
            var lease = new Lease { Metadata = new() { Name = _key.Name, Namespace = _key.Namespace }, Spec = Claim(null) };
            _observed = await _client.CreateAsync(lease, cancellationToken: cancellationToken);
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
            _observed = await _client.UpdateAsync(lease with { Spec = Claim(lease.Spec) }, cancellationToken: cancellationToken);
            return true;
        }
        catch (ApiException exception) when (exception.IsConflict || exception.IsNotFound)
        {
            return false;
        }
    }

    private LeaseSpec Claim(LeaseSpec? before)
    {
        var now = _time.GetUtcNow();
        var ours = before?.HolderIdentity == Identity;
        return (before ?? new()) with
        {
            HolderIdentity = Identity,
            LeaseDurationSeconds = (int)Math.Ceiling(_options.LeaseDuration.TotalSeconds),
            AcquireTime = ours ? before!.AcquireTime ?? now : now,
            RenewTime = now,
            LeaseTransitions = before is null ? 0 : (before.LeaseTransitions ?? 0) + (ours ? 0 : 1),
        };
    }

    /// <summary>What the holder promised to its followers; ours if it did not say.</summary>
    private TimeSpan DurationOf(Lease lease) =>
        lease.Spec?.LeaseDurationSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : _options.LeaseDuration;

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right)
    {
        var shorter = left < right ? left : right;
        return shorter < TimeSpan.Zero ? TimeSpan.Zero : shorter;
    }

    private sealed record Notice(string? Version, long At);

    private enum Attempt
    {
        Held,
        HeldByAnother,
        Failed,
    }
}
