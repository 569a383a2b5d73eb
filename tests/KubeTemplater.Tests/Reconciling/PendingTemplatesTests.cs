using Capstan;
using KubeTemplater.Applying;
using KubeTemplater.Reconciling;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Reconciling;

public class PendingTemplatesTests
{
    private static readonly ObjectKey _key = new("blue", "shop");
    private readonly Clock _clock = new();
    private readonly WriteBudget _budget = new();
    private readonly List<(ObjectKey, string)> _marks = [];
    private readonly HashSet<ObjectKey> _applied = [];
    private readonly HashSet<ObjectKey> _moved = [];
    private TaskCompletionSource? _gate;

    [Fact]
    public void Nobody_is_marked_before_ten_seconds()
    {
        var pending = Pending(writes: 1000);
        pending.Notice(_key);

        Advance(pending, 10);
        Assert.Empty(_marks);

        Advance(pending, 1);
        Assert.Equal([(_key, Phases.Queued)], _marks);
    }

    [Fact]
    public async Task What_is_another_replicas_is_neither_marked_nor_remembered()
    {
        var pending = Pending(writes: 1000);
        _moved.Add(_key);
        pending.Notice(_key);
        Assert.Equal(0, pending.Count);

        _moved.Clear();
        pending.Notice(_key);
        _moved.Add(_key);
        Advance(pending, 11);
        Assert.Equal((0, 0), (pending.Count, _marks.Count));

        // One that runs here while it moves is still here.
        _moved.Clear();
        await pending.StartAsync(_key);
        _moved.Add(_key);
        Advance(pending, 11);
        Assert.Equal([(_key, Phases.Processing)], _marks);
    }

    [Fact]
    public async Task Waiting_and_running_are_each_marked_once()
    {
        var pending = Pending(writes: 1000);
        pending.Notice(_key);
        Advance(pending, 11);
        Advance(pending, 60);
        await pending.StartAsync(_key);
        Advance(pending, 11);
        Advance(pending, 60);

        Assert.Equal([(_key, Phases.Queued), (_key, Phases.Processing)], _marks);
    }

    [Fact]
    public void Marks_make_up_a_fiftieth_of_the_writes_at_most()
    {
        var pending = Pending(writes: 0);
        for (var i = 0; i < 100; i++)
        {
            pending.Notice(new("blue", $"t{i}"));
        }

        Advance(pending, 11);
        Assert.Empty(_marks);

        for (var i = 0; i < 10 * WriteBudget.WritesPerMark; i++)
        {
            _budget.CountWrite();
        }

        Advance(pending, 1);
        Assert.Equal(10, _marks.Count);

        Advance(pending, 1);
        Assert.Equal(10, _marks.Count);
    }

    [Fact]
    public void Marks_are_not_saved_up_without_bound()
    {
        var pending = Pending(writes: 100_000);
        for (var i = 0; i < 100; i++)
        {
            pending.Notice(new("blue", $"t{i}"));
        }

        Advance(pending, 11);

        Assert.Equal(WriteBudget.MostSaved, _marks.Count);
    }

    [Fact]
    public void What_is_applied_already_is_not_marked_and_costs_no_budget()
    {
        var pending = Pending(writes: WriteBudget.WritesPerMark);
        _applied.Add(_key);
        pending.Notice(_key);
        Advance(pending, 11);
        Assert.Empty(_marks);

        pending.Notice(new("blue", "other"));
        Advance(pending, 11);
        Assert.Equal([(new ObjectKey("blue", "other"), Phases.Queued)], _marks);
    }

    [Fact]
    public async Task A_run_waits_for_the_mark_that_is_being_written_before_it_starts_and_before_it_reports()
    {
        var pending = Pending(writes: 1000);
        _gate = new();
        pending.Notice(_key);
        Advance(pending, 11);

        var start = pending.StartAsync(_key);
        Assert.False(start.IsCompleted);
        _gate.SetResult();
        await start;

        _gate = new();
        Advance(pending, 11);
        var finish = pending.FinishAsync(_key);
        Assert.False(finish.IsCompleted);
        _gate.SetResult();
        await finish;
    }

    [Fact]
    public async Task No_mark_is_written_once_the_result_is_about_to_be()
    {
        var pending = Pending(writes: 1000);
        await pending.StartAsync(_key);
        await pending.FinishAsync(_key);
        Advance(pending, 60);

        Assert.Empty(_marks);
    }

    [Fact]
    public async Task A_change_during_a_run_waits_from_when_it_came_in()
    {
        var pending = Pending(writes: 1000);
        pending.Notice(_key);
        _clock.Now += TimeSpan.FromSeconds(3);
        await pending.StartAsync(_key);
        _clock.Now += TimeSpan.FromSeconds(4);
        pending.Notice(_key);
        var changedAt = _clock.Now;
        _clock.Now += TimeSpan.FromSeconds(5);
        pending.Release(_key);

        Assert.Equal(changedAt, await pending.StartAsync(_key));
        pending.Release(_key);
        Assert.Equal(0, pending.Count);
    }

    private PendingTemplates Pending(int writes)
    {
        for (var i = 0; i < writes; i++)
        {
            _budget.CountWrite();
        }

        return new(_clock, _budget, key => !_moved.Contains(key), key => !_applied.Contains(key), (key, phase, _) =>
        {
            _marks.Add((key, phase));
            return _gate?.Task ?? Task.CompletedTask;
        });
    }

    private void Advance(PendingTemplates pending, int seconds)
    {
        _clock.Now += TimeSpan.FromSeconds(seconds);
        pending.MarkOverdue();
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
