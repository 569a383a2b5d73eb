using KubeTemplater.Admission;
using KubeTemplater.Policies;
using KubeTemplater.Policies.Checks;

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
        var judged = _lanes.JudgeAsync("blue", (budget, _) => Judged(budget, 10, thread => Assert.Equal(here, thread)), Patience);

        Assert.True(judged.IsCompletedSuccessfully);
        await judged;
        Assert.Equal(0, _lanes.Count);
    }

    [Fact]
    public async Task What_is_expensive_is_ended_early_and_judged_again_on_a_thread_of_its_own_with_all_that_it_may_cost()
    {
        var here = Environment.CurrentManagedThreadId;
        var tries = new List<(int Thread, ulong Budget)>();
        var verdict = await _lanes.JudgeAsync("red", (budget, _) =>
        {
            tries.Add((Environment.CurrentManagedThreadId, budget.Left));
            return Judged(budget, 1_000_000);
        }, Patience);

        Assert.Equal(1_000_000, verdict.Budget.Spent);
        Assert.Equal([JudgingLanes.Expensive, 10_000_000], tries.Select(one => (long)one.Budget));
        Assert.Equal(here, tries[0].Thread);
        Assert.NotEqual(here, tries[1].Thread);
    }

    [Fact]
    public async Task After_an_expensive_one_a_namespace_is_judged_one_at_a_time_on_other_threads_until_a_minute_has_passed()
    {
        var here = Environment.CurrentManagedThreadId;
        await PutAsideAsync("red");
        var (running, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _lanes.JudgeAsync("red", (budget, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            Assert.NotEqual(here, Environment.CurrentManagedThreadId);
            Thread.Yield();
            Interlocked.Decrement(ref running);
            return Judged(budget, 10);
        }, Patience).AsTask()));

        Assert.Equal(1, most);
        _clock.Now += (long)JudgingLanes.Aside.TotalSeconds;
        Assert.True(_lanes.JudgeAsync("red", (budget, _) => Judged(budget, 10), Patience).IsCompletedSuccessfully);

        // Whoever is put aside next finds it forgotten.
        await PutAsideAsync("other");
        Assert.Equal(1, _lanes.Count);
    }

    [Fact]
    public async Task However_many_namespaces_are_expensive_half_of_the_processors_stay_with_the_others()
    {
        var names = Enumerable.Range(0, 10).Select(i => $"red-{i}").ToList();
        foreach (var name in names)
        {
            await PutAsideAsync(name);
        }

        using var gate = new ManualResetEventSlim();
        using var started = new SemaphoreSlim(0);
        var running = 0;
        var expensive = names.SelectMany(name => Enumerable.Range(0, 5).Select(_ => _lanes.JudgeAsync(name, (budget, _) =>
        {
            Assert.InRange(Interlocked.Increment(ref running), 1, Processors / 2);
            started.Release();
            gate.Wait(Patience);
            Interlocked.Decrement(ref running);
            return Judged(budget, JudgingLanes.Expensive);
        }, Patience).AsTask())).ToList();
        for (var i = 0; i < Processors / 2; i++)
        {
            await started.WaitAsync(Patience);
        }

        // While they run and wait, whoever is cheap is judged at once, however often.
        for (var i = 0; i < 10 * Processors; i++)
        {
            Assert.True(_lanes.JudgeAsync("blue", (budget, _) => Judged(budget, 10), Patience).IsCompletedSuccessfully);
        }

        Assert.Equal(Processors / 2, Volatile.Read(ref running));
        gate.Set();
        await Task.WhenAll(expensive);
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_no_turn()
    {
        await PutAsideAsync("red");
        using var gate = new ManualResetEventSlim();
        var first = _lanes.JudgeAsync("red", (budget, _) =>
        {
            gate.Wait(Patience);
            return Judged(budget, 10);
        }, Patience).AsTask();
        using var impatient = new CancellationTokenSource();
        var second = _lanes.JudgeAsync("red", (_, _) => throw new InvalidOperationException("it was cancelled"), impatient.Token).AsTask();
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.Set();
        await first;
        await _lanes.JudgeAsync("red", (budget, _) => Judged(budget, 10), Patience);
    }

    [Fact]
    public async Task What_fails_while_it_is_judged_aside_fails_alone()
    {
        await PutAsideAsync("red");

        await Assert.ThrowsAsync<InvalidOperationException>(() => _lanes.JudgeAsync("red", (_, _) => throw new InvalidOperationException("a bug"), Patience).AsTask());
        await _lanes.JudgeAsync("red", (budget, _) => Judged(budget, 10), Patience);
    }

    private async Task PutAsideAsync(string name) => await _lanes.JudgeAsync(name, (budget, _) => Judged(budget, JudgingLanes.Expensive), Patience);

    private static Verdict Judged(CheckBudget budget, long cost, Action<int>? onThread = null)
    {
        onThread?.Invoke(Environment.CurrentManagedThreadId);
        budget.TrySpend(cost);
        return new(new(Given.Policy(), "kubetemplater-system"), budget);
    }

    private sealed class SetClock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Now;
    }
}
