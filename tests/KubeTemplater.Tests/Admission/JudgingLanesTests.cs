using KubeTemplater.Admission;
using KubeTemplater.Policies;

namespace KubeTemplater.Tests.Admission;

/// <summary>Who is judged at once and who waits, without a clock that runs.</summary>
public sealed class JudgingLanesTests
{
    private const int Processors = 4;

    private readonly SetClock _clock = new();
    private readonly JudgingLanes _lanes;

    public JudgingLanesTests() => _lanes = new(Processors, _clock);

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cheap_template_is_judged_on_the_thread_that_brings_it_and_leaves_nothing_behind()
    {
        var here = Environment.CurrentManagedThreadId;
        var judged = _lanes.JudgeAsync("blue", _ => ValueTask.FromResult(Judged(10, onThread: thread => Assert.Equal(here, thread))), Patience);

        Assert.True(judged.IsCompletedSuccessfully);
        await judged;
        Assert.Equal(0, _lanes.Count);
    }

    [Fact]
    public async Task After_an_expensive_one_a_namespace_is_judged_one_at_a_time_on_other_threads_until_a_minute_has_passed()
    {
        var here = Environment.CurrentManagedThreadId;
        await _lanes.JudgeAsync("red", _ => ValueTask.FromResult(Judged(JudgingLanes.Expensive)), Patience);
        var (running, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _lanes.JudgeAsync("red", async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            Assert.NotEqual(here, Environment.CurrentManagedThreadId);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return Judged(10);
        }, Patience).AsTask()));

        Assert.Equal(1, most);
        _clock.Now += (long)JudgingLanes.Aside.TotalSeconds;
        Assert.True(_lanes.JudgeAsync("red", _ => ValueTask.FromResult(Judged(10)), Patience).IsCompletedSuccessfully);
        Assert.Equal(0, _lanes.Count);
    }

    [Fact]
    public async Task However_many_namespaces_are_expensive_half_of_the_processors_stay_with_the_others()
    {
        var names = Enumerable.Range(0, 10).Select(i => $"red-{i}").ToList();
        foreach (var name in names)
        {
            await _lanes.JudgeAsync(name, _ => ValueTask.FromResult(Judged(JudgingLanes.Expensive)), Patience);
        }

        var gate = new TaskCompletionSource();
        var started = new SemaphoreSlim(0);
        var running = 0;
        var expensive = names.SelectMany(name => Enumerable.Range(0, 5).Select(_ => _lanes.JudgeAsync(name, async _ =>
        {
            Assert.InRange(Interlocked.Increment(ref running), 1, Processors / 2);
            started.Release();
            await gate.Task;
            Interlocked.Decrement(ref running);
            return Judged(JudgingLanes.Expensive);
        }, Patience).AsTask())).ToList();
        for (var i = 0; i < Processors / 2; i++)
        {
            await started.WaitAsync(Patience);
        }

        // While they run and wait, whoever is cheap is judged at once.
        Assert.True(_lanes.JudgeAsync("blue", _ => ValueTask.FromResult(Judged(10)), Patience).IsCompletedSuccessfully);

        // And beyond its share it does not wait for them either.
        var share = new TaskCompletionSource<Verdict>();
        var blue = Enumerable.Range(0, Processors / 2).Select(_ => _lanes.JudgeAsync("blue", _ => new ValueTask<Verdict>(share.Task), Patience).AsTask()).ToList();
        await _lanes.JudgeAsync("blue", _ => ValueTask.FromResult(Judged(10)), Patience).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Patience);
        share.SetResult(Judged(10));
        await Task.WhenAll(blue);
        Assert.Equal(Processors / 2, Volatile.Read(ref running));
        gate.SetResult();
        await Task.WhenAll(expensive);
    }

    [Fact]
    public async Task A_namespace_has_no_more_than_its_share_at_once_before_anything_is_known_of_it()
    {
        var gate = new TaskCompletionSource<Verdict>();
        var atOnce = Enumerable.Range(0, Processors / 2).Select(_ => _lanes.JudgeAsync("red", _ => new ValueTask<Verdict>(gate.Task), Patience).AsTask()).ToList();
        var here = Environment.CurrentManagedThreadId;
        var next = _lanes.JudgeAsync("red", _ => ValueTask.FromResult(Judged(10, thread => Assert.NotEqual(here, thread))), Patience);

        await next;
        gate.SetResult(Judged(10));
        await Task.WhenAll(atOnce);
        Assert.Equal(0, _lanes.Count);
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_no_turn()
    {
        await _lanes.JudgeAsync("red", _ => ValueTask.FromResult(Judged(JudgingLanes.Expensive)), Patience);
        var gate = new TaskCompletionSource<Verdict>();
        var first = _lanes.JudgeAsync("red", _ => new ValueTask<Verdict>(gate.Task), Patience).AsTask();
        using var impatient = new CancellationTokenSource();
        var second = _lanes.JudgeAsync("red", _ => throw new InvalidOperationException("it was cancelled"), impatient.Token).AsTask();
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.SetResult(Judged(10));
        await first;
        await _lanes.JudgeAsync("red", _ => ValueTask.FromResult(Judged(10)), Patience);
    }

    private static Verdict Judged(long cost, Action<int>? onThread = null)
    {
        onThread?.Invoke(Environment.CurrentManagedThreadId);
        var verdict = new Verdict(new(Given.Policy(), "kubetemplater-system"));
        Assert.True(verdict.Budget.TrySpend(cost));
        return verdict;
    }

    private sealed class SetClock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Now;
    }
}
