using Capstan.Caching;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>Random changes, lists, watches, 410s, cuts and refusals: in the end the cache and what the handlers were told equal the server.</summary>
public sealed class InformerModelTests
{
    public enum Step
    {
        Put,
        Delete,
        Recreate,
        Compact,
        Bookmark,
        Heal,
        Pause,
    }

    [Fact]
    public void Whatever_happens_the_cache_and_its_handlers_come_to_equal_the_server()
    {
        var step =
            from kind in Gen.Frequency(
                (8, Gen.Constant(Step.Put)), (4, Gen.Constant(Step.Delete)), (2, Gen.Constant(Step.Recreate)), (1, Gen.Constant(Step.Compact)),
                (1, Gen.Constant(Step.Bookmark)), (1, Gen.Constant(Step.Heal)), (10, Gen.Constant(Step.Pause)))
            from name in Gen.Choose(0, 6)
            select (kind, name);
        var run =
            from steps in Gen.ListOf(step)
            from seed in Gen.Choose(0, int.MaxValue - 1)
            from often in Gen.Choose(0, 7)
            select (steps, seed, often);
        var faults = 0;
        Prop.ForAll(run.ToArbitrary(), r => { faults += CheckAsync([.. r.steps], r.seed, r.often).GetAwaiter().GetResult(); })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithEndSize(60));
        TestContext.Current.TestOutputHelper!.WriteLine($"{faults} faults");
        Assert.True(faults > 20, $"only {faults} faults were made");
    }

    private static async Task<int> CheckAsync(IReadOnlyList<(Step Step, int Name)> steps, int seed, int faults)
    {
        var cancel = TestContext.Current.CancellationToken;
        var time = new ManualTime();
        await using var server = new FaultyServer(new Random(seed)) { Faults = faults };
        using var client = server.Server.Connect(time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var informer = new Informer(client, ConfigMap.Resource, new() { StreamingList = seed % 2 == 0, MaxBackoff = TimeSpan.FromSeconds(4) });
        informer.AddIndex("version", o => [o.ResourceVersion!]);
        var mirror = new Mirror();
        informer.AddHandler(mirror.Take);
        server.Start();
        var running = informer.RunAsync(end.Token);
        var clock = RunClockAsync(time, end.Token);
        foreach (var (step, name) in steps)
        {
            switch (step)
            {
                case Step.Put:
                    server.Put($"o{name}");
                    break;
                case Step.Delete:
                    server.Delete($"o{name}");
                    break;
                case Step.Recreate:
                    server.Delete($"o{name}");
                    server.Put($"o{name}");
                    break;
                case Step.Compact:
                    server.Compact();
                    break;
                case Step.Bookmark:
                    server.Bookmark();
                    break;
                case Step.Heal:
                    server.Faults = server.Faults == 0 ? faults : 0;
                    break;
                default:
                    await Task.Delay(3, cancel);
                    break;
            }
        }

        server.Faults = 0;
        server.Put("last");
        var wanted = server.State;
        await mirror.WaitForAsync(wanted, cancel);
        Assert.Equal(wanted, string.Join(" ", informer.Cache.List().Select(o => $"{o.Key.Name}:{o.Uid}:{o.ResourceVersion}")));
        Assert.All(informer.Cache.List(), o => Assert.Equal(o.Key, Assert.Single(informer.Cache.ByIndex("version", o.ResourceVersion!)).Key));
        Assert.Equal([], mirror.Faults);
        await end.CancelAsync();
        await Task.WhenAny(running);
        await clock;
        return server.FaultsDone;
    }

    /// <summary>Lets every wait pass as soon as somebody waits, but not the deadlines of requests, watches and streams.</summary>
    private static async Task RunClockAsync(ManualTime time, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await time.WaitForTimerAsync(TimeSpan.FromSeconds(9), cancellationToken);
                time.Advance(time.NextTimer ?? TimeSpan.Zero);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>What a handler knows that is told of changes alone.</summary>
    private sealed class Mirror
    {
        private readonly Lock _lock = new();
        private readonly SortedDictionary<string, DynamicObject> _known = new(StringComparer.Ordinal);
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Faults { get; } = [];

        public void Take(CacheChange change)
        {
            lock (_lock)
            {
                var known = _known.GetValueOrDefault(change.Key.Name);
                var fits = change.Kind switch
                {
                    CacheChangeKind.Added => known is null,
                    CacheChangeKind.Updated => known is not null && known.Uid == change.New!.Uid && known.ResourceVersion == change.Old!.ResourceVersion
                        && int.Parse(change.New.ResourceVersion!, System.Globalization.CultureInfo.InvariantCulture) > int.Parse(known.ResourceVersion!, System.Globalization.CultureInfo.InvariantCulture),
                    _ => known is not null && known.Uid == change.Old!.Uid,
                };
                if (!fits)
                {
                    Faults.Add($"{change.Kind} {change.Old?.Uid}:{change.Old?.ResourceVersion}>{change.New?.Uid}:{change.New?.ResourceVersion} but knew {known?.Uid}:{known?.ResourceVersion}");
                }

                if (change.New is null)
                {
                    _known.Remove(change.Key.Name);
                }
                else
                {
                    _known[change.Key.Name] = change.New;
                }

                _changed.TrySetResult();
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public async Task WaitForAsync(string state, CancellationToken cancellationToken)
        {
            while (true)
            {
                Task changed;
                string now;
                lock (_lock)
                {
                    now = string.Join(" ", _known.Select(o => $"{o.Key}:{o.Value.Uid}:{o.Value.ResourceVersion}"));
                    changed = _changed.Task;
                }

                if (now == state)
                {
                    return;
                }

                try
                {
                    await changed.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
                }
                catch (TimeoutException)
                {
                    Assert.Fail($"the handler knows\n{now}\nand the server has\n{state}");
                }
            }
        }
    }
}
