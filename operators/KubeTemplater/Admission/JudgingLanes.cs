using KubeTemplater.Policies;
using KubeTemplater.Policies.Checks;

namespace KubeTemplater.Admission;

/// <summary>Keeps what is expensive to judge from holding up the rest.</summary>
/// <remarks>
/// <para>Flow. A template is judged at once, on the thread that brought it, for no more than <see cref="Expensive"/> units. What takes more is judged again aside, with
/// all that it may cost: one template of a namespace at a time, on a thread of its own, and all such namespaces take turns on half of the
/// processors. For a minute its namespace is judged aside from the beginning.</para>
/// <para>Guarantees. However many expensive templates come, and from however many namespaces, half of the processors and the whole thread pool stay with
/// the others but for a few milliseconds for each namespace and minute. What is expensive is said by the cost of its checks, not by a clock: a busy machine makes
/// nothing expensive.</para>
/// <para>Assumptions. The checks' budget ends each judgement (about a second); the API server bounds how many reviews wait, and the webhook's timeout how long.</para>
/// <para>Thread-safe.</para>
/// </remarks>
/// <param name="processors">Processors that there are.</param>
/// <param name="time">Clock of the time aside.</param>
internal sealed class JudgingLanes(int processors, TimeProvider time)
{
    /// <summary>Cost from which a template is expensive: about 5 ms, and 50 times that of an ordinary template of 20 objects.</summary>
    public const long Expensive = 50_000;

    /// <summary>How long a namespace is judged aside.</summary>
    public static readonly TimeSpan Aside = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _threads = new(Math.Max(1, processors / 2));
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);

    /// <summary>Namespaces that are judged aside.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _lanes.Count;
            }
        }
    }

    /// <summary>Judges, now or when it is this namespace's turn.</summary>
    /// <param name="namespace">The template's namespace.</param>
    /// <param name="judge">Judges with a budget; called a second time when the first was too small.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">Cancelled, possibly before its turn came.</exception>
    public ValueTask<Verdict> JudgeAsync(string @namespace, Func<CheckBudget, CancellationToken, Verdict> judge, CancellationToken cancellationToken)
    {
        if (EnterIfAside(@namespace) is not { } lane)
        {
            var verdict = judge(new(Expensive), cancellationToken);
            if (!verdict.Budget.IsSpent)
            {
                return new(verdict);
            }

            lane = EnterAside(@namespace);
        }

        return new(JudgeAsideAsync(@namespace, lane, judge, cancellationToken));
    }

    private async Task<Verdict> JudgeAsideAsync(string @namespace, Lane lane, Func<CheckBudget, CancellationToken, Verdict> judge, CancellationToken cancellationToken)
    {
        var isExpensive = false;
        try
        {
            // The namespace's own turn first: of those that wait for a thread each namespace has one.
            await lane.Turn.WaitAsync(cancellationToken);
            try
            {
                await _threads.WaitAsync(cancellationToken);
                try
                {
                    var verdict = await Task.Factory.StartNew(
                        () => judge(new(), cancellationToken), cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
                    isExpensive = verdict.Budget.Spent >= Expensive;
                    return verdict;
                }
                finally
                {
                    _threads.Release();
                }
            }
            finally
            {
                lane.Turn.Release();
            }
        }
        finally
        {
            Leave(@namespace, lane, isExpensive);
        }
    }

    private Lane? EnterIfAside(string @namespace)
    {
        lock (_lock)
        {
            if (!_lanes.TryGetValue(@namespace, out var lane) || lane.Until <= time.GetTimestamp())
            {
                return null;
            }

            lane.Present++;
            return lane;
        }
    }

    private Lane EnterAside(string @namespace)
    {
        lock (_lock)
        {
            ForgetOld_NeedsLock();
            if (!_lanes.TryGetValue(@namespace, out var lane))
            {
                _lanes[@namespace] = lane = new();
            }

            lane.Until = End();
            lane.Present++;
            return lane;
        }
    }

    private void Leave(string @namespace, Lane lane, bool isExpensive)
    {
        lock (_lock)
        {
            lane.Present--;
            lane.Until = isExpensive ? End() : lane.Until;
            if (lane.Present == 0 && lane.Until <= time.GetTimestamp())
            {
                _lanes.Remove(@namespace);
            }
        }
    }

    private void ForgetOld_NeedsLock()
    {
        var now = time.GetTimestamp();
        foreach (var (name, lane) in _lanes)
        {
            if (lane.Present == 0 && lane.Until <= now)
            {
                _lanes.Remove(name);
            }
        }
    }

    private long End() => time.GetTimestamp() + (long)(Aside.TotalSeconds * time.TimestampFrequency);

    private sealed class Lane
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public int Present { get; set; }

        public long Until { get; set; }
    }
}
