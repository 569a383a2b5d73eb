using System.Collections.Concurrent;
using Capstan.Runtime.Tests;
using Capstan.Testing;
using KubeTemplater.Policies.Status;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeTemplater.Tests.Policies.Status;

/// <summary>When the status of policies is written, on a clock that stands still.</summary>
public sealed class PolicyStatusRoundsTests
{
    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<string> _written = new();
    private readonly PolicyStatusRounds _rounds;
    private volatile bool _isBroken;

    public PolicyStatusRoundsTests() => _rounds = new(
        (source, isLeader, _) =>
        {
            _written.Enqueue(isLeader ? source : $"{source} (follower)");
            return _isBroken ? throw new HttpRequestException("no route") : Task.CompletedTask;
        },
        NullLogger.Instance,
        _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_changes_in_ten_seconds_are_one_write_for_each_namespace()
    {
        using var stop = new CancellationTokenSource();
        var leading = _rounds.LeadAsync(() => ["blue", "green"], stop.Token);
        await RoundAsync(PolicyStatusRounds.Gathering, "blue", "green");

        for (var i = 0; i < 1000; i++)
        {
            _rounds.Counted("blue");
            _rounds.Note("red");
        }

        await RoundAsync(PolicyStatusRounds.Interval, "blue", "green", "blue", "red");
        Assert.Null(_time.NextTimer);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(4, _written.Count);

        _rounds.Counted("blue");
        await RoundAsync(PolicyStatusRounds.Gathering, "blue", "green", "blue", "red", "blue");
        await stop.CancelAsync();
        await leading;
        Assert.Equal(5, _written.Count);
    }

    [Fact]
    public async Task A_replica_that_does_not_lead_writes_what_it_counted_and_nothing_else()
    {
        _rounds.Note("blue");
        Assert.Null(_time.NextTimer);

        _rounds.Counted("green");

        await RoundAsync(PolicyStatusRounds.Gathering, "green (follower)");
    }

    [Fact]
    public async Task What_could_not_be_written_is_tried_again_ten_seconds_later_and_what_is_left_at_the_end_at_once()
    {
        using var stop = new CancellationTokenSource();
        _isBroken = true;
        var leading = _rounds.LeadAsync(() => ["blue"], stop.Token);
        await RoundAsync(PolicyStatusRounds.Gathering, "blue");
        await RoundAsync(PolicyStatusRounds.Interval, "blue", "blue");
        await _time.WaitForTimerAsync(PolicyStatusRounds.Interval, Cancel);

        _isBroken = false;
        await stop.CancelAsync();
        await leading;

        Assert.Equal(["blue", "blue", "blue"], _written);
        _rounds.Counted("blue");
        Assert.Null(_time.NextTimer);
    }

    private async Task RoundAsync(TimeSpan after, params string[] all)
    {
        await _time.WaitForTimerAsync(after, Cancel);
        _time.Advance(after - TimeSpan.FromMilliseconds(1));
        Assert.NotEqual(all.Length, _written.Count);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(all, (await Eventually.SeeAsync("a round", _ => Task.FromResult(_written.ToArray()), written => written.Length >= all.Length, cancellationToken: Cancel)).Take(all.Length));
        Assert.Equal(all.Length, _written.Count);
    }
}
