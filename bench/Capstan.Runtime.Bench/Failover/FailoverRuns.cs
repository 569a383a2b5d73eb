using System.Diagnostics;
using Capstan.ApiServer.Bench;
using Capstan.Testing;

namespace Capstan.Runtime.Bench.Failover;

/// <summary>What users of several replicas notice when one of them goes or comes: operators as processes, ended by kill -9 and by SIGTERM.</summary>
internal sealed class FailoverRuns
{
    private const int LeaseSeconds = 10;
    private static readonly string[] Durations = [$"{LeaseSeconds}", "7", "2"];

    private readonly TestCluster _cluster;
    private readonly Changes _changes;
    private readonly List<MemberProcess> _members = [];
    private bool _failed;

    private FailoverRuns(TestCluster cluster, int objects) => (_cluster, _changes) = (cluster, new(cluster, objects));

    /// <returns>Whether all goals were met.</returns>
    public static async Task<bool> RunAsync(int objects, int rounds, int most)
    {
        await using var cluster = await TestCluster.StartAsync(new() { Controllers = false });
        var runs = new FailoverRuns(cluster, objects);
        await runs._changes.CreateAsync();
        try
        {
            await runs.LeadersAsync(rounds);
            await runs.SharesAsync(objects, most);
            await runs.MovesAsync();
        }
        finally
        {
            runs._members.ForEach(member => member.Dispose());
        }

        return !runs._failed;
    }

    private async Task LeadersAsync(int rounds)
    {
        Report.Head($"Two replicas, lease {LeaseSeconds} s, one change each 10 ms", "the leader gets", "goal, s", "s until the other reconciles a change", "its lists and watches of objects meanwhile", "keys with two workers");
        var leader = await StartAsync("leader");
        for (var round = 0; round < 2 * rounds; round++)
        {
            using var stop = new CancellationTokenSource();
            var changing = _changes.RunAsync(TimeSpan.FromMilliseconds(10), stop.Token);
            await SeenAsync(leader, Stopwatch.GetTimestamp());
            var other = await StartAsync("leader");
            await Task.Delay(TimeSpan.FromSeconds(3));
            using var lists = _cluster.Faults.Add(Fault.Delay(TimeSpan.Zero).On("list", "configmaps").From(other.Name));
            using var watches = _cluster.Faults.Add(Fault.Delay(TimeSpan.Zero).On("watch", "configmaps").From(other.Name));
            var kill = round % 2 == 0;
            var at = kill ? await leader.KillAsync() : await leader.StopAsync();
            var took = Changes.Seconds(await SeenAsync(other, at) - at);
            await stop.CancelAsync();
            await changing;
            var goal = kill ? LeaseSeconds + 1 : 1;
            Report.Row(kill ? "kill -9" : "SIGTERM", goal, took, lists.Injected + watches.Injected, TwoWorkers());
            Expect(took <= goal && lists.Injected + watches.Injected == 0 && TwoWorkers() == 0);
            leader = other;
        }

        await leader.StopAsync();
        _members.Clear();
    }

    private async Task SharesAsync(int objects, int most)
    {
        Report.Head($"{objects:#,0} keys shared", "replicas", "fewest keys / even", "most keys / even", "moved to the one that came", "moved between others");
        var before = new Dictionary<string, string>();
        for (var count = 1; count <= most; count++)
        {
            var joined = await StartAsync("share");
            await SettledAsync();
            var owners = await _changes.OwnersAsync();
            var shares = owners.Values.CountBy(owner => owner).Select(share => share.Value * count / (double)objects).ToList();
            var moved = before.Where(one => owners[one.Key] != one.Value).ToList();
            var between = moved.Count(one => owners[one.Key] != joined.Name);
            if (count > 1)
            {
                Report.Row(count, shares.Min(), shares.Max(), moved.Count - between, between);
                Expect(shares.Count == count && shares.Min() >= 0.8 && shares.Max() <= 1.2 && between == 0);
            }

            before = owners;
        }

        await Task.WhenAll(_members.Skip(2).Select(member => member.StopAsync()));
        await SettledAsync();
    }

    private async Task MovesAsync()
    {
        Report.Head($"2 → 3 → 2 replicas, lease {LeaseSeconds} s, one change each 5 ms", "the third", "goal, s", "longest wait of a change for its run, s", "keys moved", "of them between the other two", "keys with two workers");
        foreach (var kill in (bool[])[false, true])
        {
            var third = await MoveAsync("comes", 2, () => StartAsync("share"), null);
            await MoveAsync(kill ? "is killed" : "is stopped", kill ? LeaseSeconds : 2, async () =>
            {
                await (kill ? third.KillAsync() : third.StopAsync());
                return third;
            }, third);
        }
    }

    private async Task<MemberProcess> MoveAsync(string what, int goal, Func<Task<MemberProcess>> act, MemberProcess? gone)
    {
        var before = await _changes.OwnersAsync();
        using var stop = new CancellationTokenSource();
        var changing = _changes.RunAsync(TimeSpan.FromMilliseconds(5), stop.Token);
        var from = Stopwatch.GetTimestamp();
        var third = await act();
        await SettledAsync();
        await stop.CancelAsync();
        await changing;
        var to = Stopwatch.GetTimestamp();
        var after = await _changes.OwnersAsync();
        var moved = before.Where(one => after[one.Key] != one.Value).ToList();
        var between = moved.Count(one => gone is null ? after[one.Key] != third.Name : one.Value != gone.Name);
        var wait = _changes.LongestWait(_members, from, to);
        Report.Row(what, goal, wait, moved.Count, between, TwoWorkers());
        Expect(wait <= goal && between == 0 && TwoWorkers() == 0);
        return third;
    }

    /// <summary>Longer than any lease: whoever is gone is known to be.</summary>
    private static Task SettledAsync() => Task.Delay(TimeSpan.FromSeconds(LeaseSeconds + 3));

    private async Task<MemberProcess> StartAsync(string mode)
    {
        var member = new MemberProcess(_cluster.KubeconfigPath, $"member-{_members.Count:00}-{mode}", mode, Durations);
        _members.Add(member);
        await member.Synced;
        return member;
    }

    /// <summary>When this one started to reconcile a change, after a time.</summary>
    private static async Task<long> SeenAsync(MemberProcess member, long after)
    {
        while (true)
        {
            if (member.Lines.Where(line => line.What == "start" && line.Wanted > 0 && line.At > after).Select(line => line.At).DefaultIfEmpty(long.MaxValue).Min() is var at and < long.MaxValue)
            {
                return at;
            }

            await Task.Delay(5);
        }
    }

    /// <summary>How many runs began while another member had a run of the same key; one that was killed had it until it was gone.</summary>
    private int TwoWorkers()
    {
        var count = 0;
        foreach (var key in _members.SelectMany(Runs).GroupBy(run => run.Key))
        {
            var (until, by) = (long.MinValue, "");
            foreach (var run in key.OrderBy(run => run.From))
            {
                count += run.From < until && run.By != by ? 1 : 0;
                (until, by) = run.To > until ? (run.To, run.By) : (until, by);
            }
        }

        return count;
    }

    private static IEnumerable<(string Key, string By, long From, long To)> Runs(MemberProcess member)
    {
        var started = new Dictionary<string, long>();
        foreach (var line in member.Lines.OrderBy(line => line.At))
        {
            if (line.What == "start")
            {
                started[line.Key] = line.At;
            }
            else if (line.What == "end" && started.Remove(line.Key, out var from))
            {
                yield return (line.Key, member.Name, from, line.At);
            }
        }

        foreach (var (key, from) in started)
        {
            yield return (key, member.Name, from, member.EndedAt ?? Stopwatch.GetTimestamp());
        }
    }

    private void Expect(bool met)
    {
        if (!met)
        {
            _failed = true;
            Console.WriteLine("^ not as it should be");
        }
    }
}
