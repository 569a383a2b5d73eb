using Capstan.Election.Sharding;
using Xunit;

namespace Capstan.Runtime.Tests.Election.Sharding;

/// <summary>Members that share keys through a server, with a clock each, and all that can go wrong between them. One thread; a step is a message sent, handled or received.</summary>
internal sealed class ShardSimulation
{
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(15), RenewDeadline = TimeSpan.FromSeconds(10), RetryPeriod = TimeSpan.FromSeconds(2);
    public static readonly ulong[] Keys = [.. Enumerable.Range(0, 24).Select(i => ShardView.HashOf(new("default", $"key-{i}")))];

    private readonly Dictionary<string, (long Version, ShardClaim Claim)> leases = [];
    private readonly List<Action> late = [];
    private long version;
    private int made;

    public TimeSpan Now { get; private set; }

    public List<Replica> Replicas { get; } = [];

    public IEnumerable<Replica> Alive => Replicas.Where(replica => !replica.IsDead);

    /// <summary>Names of the members whose Leases there are.</summary>
    public IEnumerable<string> Leases => leases.Keys;

    /// <summary>Grows with each claim that says something new: what a watch would tell of.</summary>
    public int News { get; private set; }

    /// <summary>Runs that were begun, and moments at which a paused or slow replica still had a run of a key that another runs by right: what the checks were put to.</summary>
    public int Begun { get; private set; }

    /// <inheritdoc cref="Begun"/>
    public int Shared { get; private set; }

    /// <param name="rate">How fast its clock runs.</param>
    public Replica Add(double rate = 1)
    {
        var replica = new Replica(this, $"member-{made++}", rate);
        Replicas.Add(replica);
        return replica;
    }

    public void Advance(TimeSpan by)
    {
        Now += by;
        foreach (var replica in Alive)
        {
            replica.ExitIfZombie();
        }
    }

    /// <summary>A request that its sender gave up arrives after all.</summary>
    public void DeliverLate(int which)
    {
        if (late.Count > 0)
        {
            var arrives = late[which % late.Count];
            late.Remove(arrives);
            arrives();
        }
    }

    /// <summary>Never two that may write for one key; nor two that run at all, but for one that is paused and cannot know.</summary>
    public void Check(bool clocksAgree)
    {
        var running = Alive.SelectMany(replica => replica.Runs, (replica, run) => (Replica: replica, Run: run)).ToLookup(one => one.Run.Key);
        foreach (var runs in running)
        {
            var writers = runs.Where(one => one.Replica.Member.MayWrite(one.Run, one.Replica.Now)).Select(one => one.Replica.Name).Distinct().ToList();
            Assert.True(writers.Count <= 1, $"at {Now} {string.Join(" and ", writers)} may write for one key");
            var runners = runs.Where(one => !one.Replica.IsPaused).Select(one => one.Replica.Name).Distinct().ToList();
            Assert.True(!clocksAgree || runners.Count <= 1, $"at {Now} {string.Join(" and ", runners)} run one key");
            Shared += runs.Select(one => one.Replica).Distinct().Count() > 1 ? 1 : 0;
        }
    }

    /// <summary>Who may start the key, or has a run of it.</summary>
    public IReadOnlyList<Replica> OwnersOf(ulong key) => [.. Alive.Where(replica =>
        !replica.IsPaused && replica.Member.IsMember(replica.Now) && (replica.Member.Ownership.Has(key) || replica.Runs.Any(run => run.Key == key)))];

    /// <summary>All go on as they do when nothing fails: renew in time, and look at once when a claim says something new.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="see">Called after each tenth of a second.</param>
    public void Run(TimeSpan duration, Action? see = null)
    {
        for (var end = Now + duration; Now < end;)
        {
            Advance(TimeSpan.FromSeconds(0.1));
            for (var rounds = 0; Alive.Where(replica => !replica.IsPaused).ToList().Count(replica => replica.GoOn()) > 0; rounds++)
            {
                Assert.True(rounds < 100, "the members do not come to rest");
            }

            see?.Invoke();
        }
    }

    /// <summary>One process.</summary>
    public sealed class Replica(ShardSimulation world, string name, double rate)
    {
        private enum Phase
        {
            Idle,
            Writing,
            Written,
            Listing,
            Listed,
        }

        private readonly TimeSpan zero = TimeSpan.FromHours(name.Length + name[^1]);
        private Phase phase;
        private bool mustList, failed;
        private long? known;
        private long answered;
        private ShardClaim? claim;
        private TimeSpan sentAt, lastRound = TimeSpan.MinValue;
        private int newsSeen;
        private List<ShardRecord> listed = [];

        public string Name => name;

        public ShardMember Member { get; } = new(name, RenewDeadline);

        public List<ShardRun> Runs { get; } = [];

        public bool IsPaused { get; set; }

        public bool IsPartitioned { get; set; }

        public bool IsDead { get; set; }

        public TimeSpan Now => zero + (world.Now * rate);

        public void Begin(ulong key)
        {
            if (!IsPaused && Member.Begin(key, Now) is { } run)
            {
                Runs.Add(run);
                world.Begun++;
            }
        }

        public void End(int which)
        {
            if (!IsPaused && Runs.Count > 0)
            {
                var run = Runs[which % Runs.Count];
                Runs.Remove(run);
                Member.End(run);
            }
        }

        /// <summary>What was cancelled and does not end takes the process with it.</summary>
        public void ExitIfZombie() =>
            IsDead |= !IsPaused && Runs.Count > 0 && !Member.IsMember(Now) && Now >= Member.ValidUntil + (LeaseDuration - RenewDeadline);

        /// <summary>One step: a message sent, handled by the server, or received.</summary>
        public void Step()
        {
            if (IsPaused || IsDead)
            {
                return;
            }

            switch (phase)
            {
                case Phase.Idle:
                    sentAt = Now;
                    claim = mustList ? null : Member.NextClaim(Now);
                    phase = claim is null ? Phase.Listing : Phase.Writing;
                    break;
                case Phase.Writing:
                    phase = !IsPartitioned && Write(claim!, known) ? Phase.Written : Phase.Idle;
                    failed = phase == Phase.Idle;
                    break;
                case Phase.Written when IsPartitioned:
                    // It is stored, and we do not learn it.
                    phase = Phase.Idle;
                    failed = true;
                    break;
                case Phase.Written:
                    known = answered;
                    Member.Stored(claim!, sentAt, Now);
                    (phase, sentAt) = (Phase.Listing, Now);
                    break;
                case Phase.Listing:
                    phase = IsPartitioned ? Phase.Idle : Phase.Listed;
                    mustList = failed = IsPartitioned;
                    newsSeen = world.News;
                    listed = [.. world.leases.Select(lease => new ShardRecord(lease.Key, $"{lease.Value.Version}", LeaseDuration, lease.Value.Claim))];
                    break;
                case Phase.Listed:
                    mustList = false;
                    phase = Phase.Idle;
                    Member.Listed(listed, sentAt, Now);
                    CleanUp();
                    break;
            }

            // Whatever the history says, it ends with what is so.
            Assert.Equal(Member.Ownership, Member.TakeHistory()[^1]);
        }

        public void Fill() => Member.Filled(Member.Wanted);

        /// <summary>The request is given up before it arrives, which it may do later.</summary>
        public void LoseRequest()
        {
            if (!IsPaused && phase == Phase.Writing)
            {
                var (itsClaim, itsKnown) = (claim!, known);
                world.late.Add(() => Store(itsClaim, itsKnown));
                phase = Phase.Idle;
            }
        }

        public void Leave() => Member.Leave();

        /// <summary>As the loop does: at the time to renew, when there is something to say, something new was said, or a Lease ends.</summary>
        /// <returns>Whether it did anything.</returns>
        public bool GoOn()
        {
            Fill();
            Notice();
            if (Member.HasLeft)
            {
                IsDead = true;
                return false;
            }

            var hasReason = (Member.WantsToClaim && (Member.IsMember(Now) || Runs.Count == 0)) || world.News != newsSeen || Now >= Member.NextExpiry;
            var due = phase != Phase.Idle || (hasReason && !failed) || Now >= lastRound + RetryPeriod;
            if (due)
            {
                failed &= phase != Phase.Idle;
                lastRound = phase == Phase.Idle ? Now : lastRound;
                Step();
            }

            return due;
        }

        /// <summary>What a watch tells: when a Lease changed.</summary>
        public void Notice()
        {
            if (IsPartitioned || IsPaused)
            {
                return;
            }

            foreach (var (other, lease) in world.leases)
            {
                Member.Noticed(other, $"{lease.Version}", Now);
            }
        }

        private void CleanUp()
        {
            foreach (var gone in Member.LongGone(listed, Now))
            {
                if (world.leases.TryGetValue(gone.Name, out var lease) && $"{lease.Version}" == gone.Version)
                {
                    world.leases.Remove(gone.Name);
                }
            }
        }

        private bool Write(ShardClaim wanted, long? expected)
        {
            if (Store(wanted, expected) is { } stored)
            {
                answered = stored;
                return true;
            }

            // A conflict: the present version is read again; if there is none, we are forgotten.
            known = world.leases.TryGetValue(name, out var lease) ? lease.Version : null;
            if (known is null)
            {
                Member.Gone();
            }

            return false;
        }

        private long? Store(ShardClaim wanted, long? expected)
        {
            var there = world.leases.TryGetValue(name, out var lease);
            if (expected is null ? there : !there || lease.Version != expected)
            {
                return null;
            }

            world.News += there && lease.Claim.Equals(wanted) ? 0 : 1;
            world.leases[name] = (++world.version, wanted);
            return world.version;
        }
    }
}
