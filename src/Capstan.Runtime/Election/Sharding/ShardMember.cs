using System.Collections.Immutable;
using Capstan.Watching;

namespace Capstan.Election.Sharding;

/// <summary>One replica's part in sharing the keys: what it may claim, start and write. No I/O and no clock: times are its caller's, monotonic, from any zero.</summary>
/// <remarks>
/// <para>Cycle of its caller: <see cref="NextClaim"/> → write it to the own Lease → <see cref="Stored"/> → list all Leases → <see cref="Listed"/> → fetch
/// what is missing → <see cref="Filled"/>. A write whose outcome is unknown is simply not <see cref="Stored"/>.</para>
/// <para>Guarantee: of two members never both <see cref="MayWrite"/> for runs of one key. docs/sharding.md has the argument; its steps are named there as here.</para>
/// <para>Thread-safe.</para>
/// </remarks>
internal sealed class ShardMember(string name, TimeSpan renewDeadline)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, int> _running = [];
    private readonly Dictionary<string, (string Version, TimeSpan At)> _changes = new(StringComparer.Ordinal);

    // What the server may hold of us, oldest first: everything since the claim with which we last looked at the others.
    private List<ShardClaim> _claims = [];
    private ShardClaim? _stored;
    private List<ShardView> _held = [ShardView.Empty];
    private List<SeenRecord> _others = [];
    private ShardView _wanted = ShardView.Empty;
    private TimeSpan _validUntil = TimeSpan.MinValue, _storedAt = TimeSpan.MinValue;
    private List<ShardOwnership> _history = [new(name, [], [])];
    private volatile ShardOwnership _ownership = new(name, [], []);
    private int _epoch;
    private bool _joined, _listed, _leaving;

    public string Name => name;

    /// <summary>What may be started now, if the Lease is good.</summary>
    public ShardOwnership Ownership => _ownership;

    /// <summary>The members as last listed, this one among them unless it leaves.</summary>
    public ShardView Wanted
    {
        get
        {
            lock (_gate)
            {
                return _wanted;
            }
        }
    }

    /// <summary>Whether this replica is among the members: its claim is stored, and not for too long.</summary>
    public bool IsMember(TimeSpan now)
    {
        lock (_gate)
        {
            return _joined && now < _validUntil;
        }
    }

    /// <summary>When its Lease is no longer good, unless renewed.</summary>
    public TimeSpan ValidUntil
    {
        get
        {
            lock (_gate)
            {
                return _validUntil;
            }
        }
    }

    /// <summary>Number of runs that have not ended.</summary>
    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _running.Values.Sum();
            }
        }
    }

    /// <summary>Whether what is to be claimed is not what is stored, so that the next write must not wait for the time to renew.</summary>
    public bool WantsToClaim
    {
        get
        {
            lock (_gate)
            {
                return _stored is null || !_stored.Equals(Desired_NeedsLock());
            }
        }
    }

    /// <summary>Whether nothing is claimed any more, for good.</summary>
    public bool HasLeft
    {
        get
        {
            lock (_gate)
            {
                return _leaving && _running.Count == 0 && ShardClaim.Left.Equals(_stored);
            }
        }
    }

    /// <summary>What to write now. From here on only keys are started that are our own before and after.</summary>
    /// <returns>Null: nothing may be written now, either because the others must be listed first (a renewal says that we know of them), or because
    /// runs of a membership that is lost have not ended.</returns>
    public ShardClaim? NextClaim(TimeSpan now)
    {
        lock (_gate)
        {
            LapseIfLate_NeedsLock(now);
            if (!_joined)
            {
                // Comes back as one that knows nobody, and not with runs that others cannot know of.
                if (_running.Count > 0)
                {
                    return null;
                }

                _claims = [ShardClaim.Nothing];
            }
            else if (!_listed)
            {
                return null;
            }

            // The same claim again is the same object: what is stored is known by reference, or one that never arrived would pass for it.
            var claim = _joined || _leaving ? Desired_NeedsLock() : ShardClaim.Nothing;
            if (!_claims[^1].Equals(claim))
            {
                _claims.Add(claim);
            }

            Changed_NeedsLock();
            return _claims[^1];
        }
    }

    /// <summary>The claim is stored for sure.</summary>
    /// <param name="claim">As <see cref="NextClaim"/> gave it.</param>
    /// <param name="sentAt">From before it was sent: the server may have stored it long before the answer came.</param>
    /// <param name="now">When the answer came.</param>
    public void Stored(ShardClaim claim, TimeSpan sentAt, TimeSpan now)
    {
        lock (_gate)
        {
            LapseIfLate_NeedsLock(now);
            if (now >= sentAt + renewDeadline || !_claims.Any(one => ReferenceEquals(one, claim)))
            {
                // Too late: others may have taken us for dead meanwhile. What is stored holds them back, and we begin anew.
                return;
            }

            _joined = true;
            _stored = claim;
            _storedAt = now;
            _validUntil = sentAt + renewDeadline;
            _listed = false;
            Changed_NeedsLock();
        }
    }

    /// <summary>A change of a member's Lease was seen: a sign of its life. Lists see it as well, but later.</summary>
    public void Noticed(string other, string version, TimeSpan now)
    {
        lock (_gate)
        {
            if (!_changes.TryGetValue(other, out var last) || ResourceVersions.Compare(version, last.Version) > 0)
            {
                _changes[other] = (version, now);
            }
        }
    }

    /// <summary>All members' Leases were read, as of some moment after <paramref name="startedAt"/>.</summary>
    public void Listed(IReadOnlyCollection<ShardRecord> records, TimeSpan startedAt, TimeSpan now)
    {
        lock (_gate)
        {
            LapseIfLate_NeedsLock(now);
            if (_joined && startedAt >= _storedAt && !records.Any(record => record.Name == name))
            {
                // Somebody deleted it: nobody waits for us any more.
                Lapse_NeedsLock();
            }

            _others = SeenBy_NeedsLock(records, startedAt, now);
            Want_NeedsLock(new(_others.Where(other => other.IsThere && !other.Record.Claim.IsLeaving).Select(other => other.Record.Name).Concat(_leaving ? [] : [name])));
            if (_joined && startedAt >= _storedAt)
            {
                // What was claimed before the one that is stored counts no more: the others have been looked at since.
                _listed = true;
                _claims = _claims[_claims.FindLastIndex(claim => ReferenceEquals(claim, _stored))..];
            }

            Changed_NeedsLock();
        }
    }

    /// <summary>The own Lease is not there any more: nobody waits for us.</summary>
    public void Gone()
    {
        lock (_gate)
        {
            Lapse_NeedsLock();
        }
    }

    /// <summary>Everything that belongs to the keys of this view is in the caches.</summary>
    public void Filled(ShardView view)
    {
        lock (_gate)
        {
            if (view.Equals(_wanted))
            {
                _held = [view];
                Changed_NeedsLock();
            }
        }
    }

    /// <summary>Whether the caches lack objects of keys that are wanted.</summary>
    public bool NeedsFill
    {
        get
        {
            lock (_gate)
            {
                return !(_held.Count == 1 && _held[0].Equals(_wanted));
            }
        }
    }

    /// <summary>Whether the key has a run that has not ended.</summary>
    public bool HasRun(ulong key)
    {
        lock (_gate)
        {
            return _running.ContainsKey(key);
        }
    }

    /// <summary>Whether a run of a key has not ended that belongs to another in <paramref name="view"/>.</summary>
    public bool Drains(ShardView view)
    {
        lock (_gate)
        {
            return _running.Keys.Any(key => view.OwnerOf(key) != name);
        }
    }

    /// <summary>Nothing is started any more; what runs goes on, and is claimed until it has ended.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _leaving = true;
            Want_NeedsLock(new(_wanted.Members.Where(member => member != name)));
            Changed_NeedsLock();
        }
    }

    /// <summary>Begins a run, if the key is ours now.</summary>
    public ShardRun? Begin(ulong key, TimeSpan now)
    {
        lock (_gate)
        {
            LapseIfLate_NeedsLock(now);
            if (!_joined || _leaving || !_ownership.Has(key))
            {
                return null;
            }

            _running[key] = _running.GetValueOrDefault(key) + 1;
            return new(key, _epoch);
        }
    }

    /// <summary>The run has ended.</summary>
    /// <returns>Whether somebody waits for that key.</returns>
    public bool End(ShardRun run)
    {
        lock (_gate)
        {
            run.HasEnded = true;
            var left = _running[run.Key] - 1;
            if (left > 0)
            {
                _running[run.Key] = left;
                return false;
            }

            _running.Remove(run.Key);
            return _leaving || !_joined || _claims.Any(claim => claim.Draining.Contains(run.Key));
        }
    }

    /// <summary>Whether a request that writes may be sent now.</summary>
    /// <param name="run">The run that it is of; null for what belongs to no key.</param>
    /// <param name="now">The time.</param>
    public bool MayWrite(ShardRun? run, TimeSpan now)
    {
        lock (_gate)
        {
            LapseIfLate_NeedsLock(now);
            return _joined && (run is null || (run.HasEnded ? _ownership.Has(run.Key) : run.Epoch == _epoch));
        }
    }

    /// <summary>When the caller must look again at the latest, even if nothing is noticed: another member's Lease ends then.</summary>
    public TimeSpan? NextExpiry
    {
        get
        {
            lock (_gate)
            {
                return _others.Count == 0 ? null : _others.Min(other => ChangedAt_NeedsLock(other) + other.Record.Duration);
            }
        }
    }

    /// <summary>Names and versions of Leases that say nothing any more: of members that are long gone.</summary>
    public IReadOnlyList<ShardRecord> LongGone(IReadOnlyCollection<ShardRecord> records, TimeSpan now)
    {
        lock (_gate)
        {
            return [.. records.Where(record => record.Name != name && _changes.TryGetValue(record.Name, out var change) && change.Version == record.Version && now >= change.At + 2 * record.Duration)];
        }
    }

    /// <summary>Every state of <see cref="Ownership"/> since the last call, the present one last.</summary>
    public IReadOnlyList<ShardOwnership> TakeHistory()
    {
        lock (_gate)
        {
            var history = _history;
            _history = [_ownership];
            return history;
        }
    }

    private ShardClaim Desired_NeedsLock()
    {
        var view = _leaving ? ShardView.Empty : _wanted;
        return new(view, [.. _running.Keys.Where(key => view.OwnerOf(key) != name)], _leaving);
    }

    private List<SeenRecord> SeenBy_NeedsLock(IReadOnlyCollection<ShardRecord> records, TimeSpan startedAt, TimeSpan now)
    {
        var seen = new List<SeenRecord>();
        foreach (var record in records.Where(record => record.Name != name))
        {
            if (!_changes.TryGetValue(record.Name, out var last) || last.Version != record.Version)
            {
                // A list may be behind what was noticed since; then it is no change.
                if (last.Version is null || !(ResourceVersions.Compare(record.Version, last.Version) < 0))
                {
                    _changes[record.Name] = last = (record.Version, now);
                }
            }

            // Dead only if it had not changed when this list began: one that was read before cannot tell.
            if (startedAt < last.At + record.Duration)
            {
                seen.Add(new(record, true));
            }
        }

        // One whose Lease was deleted may not know it yet.
        var there = records.Select(record => record.Name).ToHashSet(StringComparer.Ordinal);
        seen.AddRange(_others
            .Where(other => !there.Contains(other.Record.Name) && !other.Record.Claim.Equals(ShardClaim.Left) && startedAt < ChangedAt_NeedsLock(other) + other.Record.Duration)
            .Select(other => other with { IsThere = false }));
        foreach (var gone in _changes.Keys.Where(other => !there.Contains(other) && seen.All(one => one.Record.Name != other)).ToList())
        {
            _changes.Remove(gone);
        }

        return seen;
    }

    private TimeSpan ChangedAt_NeedsLock(SeenRecord other) => _changes.TryGetValue(other.Record.Name, out var change) ? change.At : TimeSpan.Zero;

    private void Want_NeedsLock(ShardView view)
    {
        if (view.Equals(_wanted))
        {
            return;
        }

        // More members, fewer keys: what is needed then is there already.
        _held = _held is [{ Members.Count: > 0 } only] && view.Includes(only) ? [view] : [.. _held, view];
        _wanted = view;
    }

    private void LapseIfLate_NeedsLock(TimeSpan now)
    {
        if (_joined && now >= _validUntil)
        {
            Lapse_NeedsLock();
        }
    }

    private void Lapse_NeedsLock()
    {
        _joined = false;
        _listed = false;
        _stored = null;
        _epoch++;
        _claims = [];
        Changed_NeedsLock();
    }

    private void Changed_NeedsLock()
    {
        var now = _joined && !_leaving
            ? ShardOwnership.Of(name, _claims.Select(claim => claim.View).Concat(_held), _others.Select(other => other.Record))
            : new(name, [], []);
        if (!now.Equals(_ownership))
        {
            _ownership = now;
            _history.Add(now);
        }
    }

    /// <param name="Record">As it was read last.</param>
    /// <param name="IsThere">Whether it still was when the Leases were listed last.</param>
    private readonly record struct SeenRecord(ShardRecord Record, bool IsThere);
}

/// <summary>A run of one key, begun under one membership.</summary>
internal sealed class ShardRun(ulong key, int epoch)
{
    private volatile bool _hasEnded;

    public ulong Key => key;

    public int Epoch => epoch;

    public bool HasEnded
    {
        get => _hasEnded;
        set => _hasEnded = value;
    }
}
