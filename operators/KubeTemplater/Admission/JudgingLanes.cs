using KubeTemplater.Policies;

namespace KubeTemplater.Admission;

/// <summary>Keeps what is expensive to judge from holding up the rest.</summary>
/// <remarks>
/// <para>Flow. Usually a review is judged at once, on the thread that brought it. A namespace of which one template was expensive is judged aside for a minute: one of
/// its templates at a time, on a thread of its own, and all such namespaces take turns on half of the processors. What any other namespace has at once beyond
/// half of the processors is judged one at a time too, but never behind what is expensive.</para>
/// <para>Guarantees. However many expensive templates come, and from however many namespaces, half of the processors and the whole thread pool stay with
/// the others but for the first moments. What is expensive is said by the cost of its checks, not by a clock: a busy machine makes nothing expensive.</para>
/// <para>Assumptions. The checks' budget ends each judgement (about a second); the API server bounds how many reviews wait, and the webhook's timeout how long.</para>
/// <para>Thread-safe.</para>
/// </remarks>
internal sealed class JudgingLanes
{
    /// <summary>Cost from which a template is expensive: about 20 ms.</summary>
    public const long Expensive = 200_000;

    /// <summary>How long a namespace is judged aside.</summary>
    public static readonly TimeSpan Aside = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly int _atOnce;
    private readonly SemaphoreSlim _expensive, _surplus;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);

    /// <param name="processors">Processors that there are.</param>
    /// <param name="time">Clock of the time aside.</param>
    public JudgingLanes(int processors, TimeProvider time)
    {
        _time = time;
        _atOnce = Math.Max(1, processors / 2);
        _expensive = new(_atOnce);
        _surplus = new(Math.Max(1, processors));
    }

    /// <summary>Namespaces of which something is known: those with a review under way, and those that are judged aside.</summary>
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
    /// <exception cref="OperationCanceledException">Cancelled, possibly before its turn came.</exception>
    public async ValueTask<Verdict> JudgeAsync(string @namespace, Func<CancellationToken, ValueTask<Verdict>> judge, CancellationToken cancellationToken)
    {
        var lane = Enter(@namespace, out var atOnce);
        var isExpensive = false;
        try
        {
            var verdict = atOnce ? await judge(cancellationToken) : await AsideAsync(lane, judge, cancellationToken);
            isExpensive = verdict.Budget.Spent >= Expensive;
            return verdict;
        }
        finally
        {
            Leave(@namespace, lane, atOnce, isExpensive);
        }
    }

    private async ValueTask<Verdict> AsideAsync(Lane lane, Func<CancellationToken, ValueTask<Verdict>> judge, CancellationToken cancellationToken)
    {
        // The namespace's own turn first: of those that wait for a thread each namespace has one.
        await lane.Turn.WaitAsync(cancellationToken);
        try
        {
            // Only now: the one before it may have told that the namespace is expensive.
            var threads = IsAside(lane) ? _expensive : _surplus;
            await threads.WaitAsync(cancellationToken);
            try
            {
                return await Task.Factory.StartNew(
                    () => judge(cancellationToken).AsTask(), cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).Unwrap();
            }
            finally
            {
                threads.Release();
            }
        }
        finally
        {
            lane.Turn.Release();
        }
    }

    private bool IsAside(Lane lane)
    {
        lock (_lock)
        {
            return lane.AsideUntil > _time.GetTimestamp();
        }
    }

    private Lane Enter(string @namespace, out bool atOnce)
    {
        lock (_lock)
        {
            if (!_lanes.TryGetValue(@namespace, out var lane))
            {
                _lanes[@namespace] = lane = new();
            }

            lane.Present++;
            atOnce = lane.AtOnce < _atOnce && lane.AsideUntil <= _time.GetTimestamp();
            lane.AtOnce += atOnce ? 1 : 0;
            return lane;
        }
    }

    private void Leave(string @namespace, Lane lane, bool atOnce, bool isExpensive)
    {
        lock (_lock)
        {
            lane.Present--;
            lane.AtOnce -= atOnce ? 1 : 0;
            var now = _time.GetTimestamp();
            if (isExpensive)
            {
                lane.AsideUntil = now + (long)(Aside.TotalSeconds * _time.TimestampFrequency);
            }

            if (lane.Present == 0 && lane.AsideUntil <= now)
            {
                _lanes.Remove(@namespace);
                lane.Turn.Dispose();
            }
        }
    }

    private sealed class Lane
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public int Present { get; set; }

        public int AtOnce { get; set; }

        public long AsideUntil { get; set; } = long.MinValue;
    }
}
