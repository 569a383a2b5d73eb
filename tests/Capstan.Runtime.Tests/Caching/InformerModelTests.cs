using Capstan.Caching;
using Capstan.Selectors;
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
        Relabel,
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
                (8, Gen.Constant(Step.Put)), (3, Gen.Constant(Step.Relabel)), (4, Gen.Constant(Step.Delete)), (2, Gen.Constant(Step.Recreate)), (1, Gen.Constant(Step.Compact)),
                (1, Gen.Constant(Step.Bookmark)), (1, Gen.Constant(Step.Heal)), (10, Gen.Constant(Step.Pause)))
            from name in Gen.Choose(0, 8)
            select (kind, name);
        var run =
            from steps in Gen.ListOf(step)
            from seed in Gen.Choose(0, int.MaxValue - 1)
            from often in Gen.Choose(0, 7)
            select (steps, seed, often);
        var faults = 0;
        Prop.ForAll(run.ToArbitrary(), r => { faults += CheckAsync([.. r.steps], r.seed, r.often).GetAwaiter().GetResult(); })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithEndSize(60));
        TestContext.Current.TestOutputHelper!.WriteLine($"{faults} faults");
        Assert.True(faults > 20, $"only {faults} faults were made");
    }

    private static async Task<int> CheckAsync(IReadOnlyList<(Step Step, int Name)> steps, int seed, int faults)
    {
        var cancel = TestContext.Current.CancellationToken;
        var time = new ManualTime();
        var choices = new Random(seed);
        bool Either() => choices.Next(2) == 0;
        var app = Either() ? "x" : "";
        var options = new InformerOptions
        {
            StreamingList = Either(),
            Namespaces = Either() ? ["a", "b"] : [],
            LabelSelector = app.Length > 0 ? LabelSelector.Parse($"app={app}") : LabelSelector.Everything,
            Fingerprint = choices.Next(3) == 0 ? static o => Fingerprint.Of(o.Json.Span) : null,
            MaxBackoff = TimeSpan.FromSeconds(4),
        };
        await using var server = new FaultyServer(choices) { Faults = faults };
        server.Server.Minor = Either() ? "30" : "36";
        using var client = server.Server.Connect(time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var informer = new Informer(client, ConfigMap.Resource, options);
        if (options.Fingerprint is null)
        {
            informer.AddIndex("version", o => [o.ResourceVersion!]);
        }

        var mirror = new Mirror();
        informer.AddHandler(mirror.Take);
        server.Start();
        var running = informer.RunAsync(end.Token);
        var clock = RunClockAsync(time, end.Token);
        foreach (var (step, name) in steps)
        {
            var key = $"{"abc"[name % 3]}/o{name}";
            switch (step)
            {
                case Step.Put:
                    server.Put(key, "x");
                    break;
                case Step.Relabel:
                    server.Put(key, "y");
                    break;
                case Step.Delete:
                    server.Delete(key);
                    break;
                case Step.Recreate:
                    server.Delete(key);
                    server.Put(key, "x");
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
        server.Put("a/last", "x");
        server.Put("b/last", "x");
        var wanted = server.State(options.Namespaces, app);
        await mirror.WaitForAsync(wanted, cancel);
        if (options.Fingerprint is null)
        {
            Assert.Equal(wanted, string.Join(" ", informer.Cache.List().Select(o => $"{o.Key}:{o.Uid}:{o.ResourceVersion}")));
            Assert.All(informer.Cache.List(), o => Assert.Equal(o.Key, Assert.Single(informer.Cache.ByIndex("version", o.ResourceVersion!)).Key));
        }
        else
        {
            Assert.Equal(wanted, string.Join(" ", informer.Fingerprints.List().Select(f => $"{f.Key}:{f.Uid}:{f.ResourceVersion}")));
        }

        Assert.Equal([], mirror.Faults);
        await end.CancelAsync();
        await Task.WhenAny(running);
        await clock;
        return server.FaultsDone;
    }

    /// <summary>Lets every wait pass as soon as somebody waits, but not the deadlines of requests, watches and streams.</summary>
    internal static async Task RunClockAsync(ManualTime time, CancellationToken cancellationToken)
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
                var known = _known.GetValueOrDefault(change.Key.ToString());
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
                    _known.Remove(change.Key.ToString());
                }
                else
                {
                    _known[change.Key.ToString()] = change.New;
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
