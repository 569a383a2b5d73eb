using System.Collections.Concurrent;
using Capstan.Caching;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>What is wanted changes by chance, at a server that fails by chance: after each refill everything is there that was when it was asked for, in the end the cache is
/// what is wanted of the server's state, and no object is told to be gone that is there.</summary>
public sealed class InformerHoldModelTests
{
    private const int Names = 9;

    public enum Step
    {
        Put,
        Delete,
        Recreate,
        Compact,
        Want,
        Settle,
        Pause,
    }

    [Fact]
    public void Refills_bring_all_that_is_wanted_whatever_the_watch_does_meanwhile()
    {
        var step =
            from kind in Gen.Frequency(
                (8, Gen.Constant(Step.Put)), (4, Gen.Constant(Step.Delete)), (2, Gen.Constant(Step.Recreate)), (1, Gen.Constant(Step.Compact)), (4, Gen.Constant(Step.Want)), (2, Gen.Constant(Step.Settle)), (8, Gen.Constant(Step.Pause)))
            from number in Gen.Choose(0, (1 << Names) - 1)
            select (kind, number);
        var run =
            from steps in Gen.ListOf(step)
            from seed in Gen.Choose(0, int.MaxValue - 1)
            from often in Gen.Choose(0, 4)
            select (steps, seed, often);
        var refills = 0;
        Prop.ForAll(run.ToArbitrary(), r => { refills += CheckAsync([.. r.steps], r.seed, r.often).GetAwaiter().GetResult(); })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithEndSize(60));
        TestContext.Current.TestOutputHelper!.WriteLine($"{refills} refills");
        Assert.True(refills > 80, $"only {refills} refills were made");
    }

    private static async Task<int> CheckAsync(IReadOnlyList<(Step Step, int Number)> steps, int seed, int faults)
    {
        var cancel = TestContext.Current.CancellationToken;
        var time = new ManualTime();
        var choices = new Random(seed);
        var options = new InformerOptions
        {
            StreamingList = choices.Next(2) == 0,
            Namespaces = choices.Next(2) == 0 ? ["a", "b", "c"] : [],
            Fingerprint = choices.Next(4) == 0 ? static o => Fingerprint.Of(o.Json.Span) : null,
            MaxBackoff = TimeSpan.FromSeconds(4),
        };
        await using var server = new FaultyServer(choices) { Faults = faults };
        using var client = server.Server.Connect(time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);

        // Whatever fails: nothing goes on in the background of other tests.
        using var ending = new Ending(end);
        var informer = new Informer(client, ConfigMap.Resource, options);
        var faulty = new ConcurrentQueue<string>();
        informer.AddHandler(change =>
        {
            if (change.New is null && server.State([], "").Contains($":{change.Old!.Uid}:", StringComparison.Ordinal))
            {
                faulty.Enqueue($"{change.Old.Key} is told to be gone");
            }
        });
        server.Start();
        var running = informer.RunAsync(end.Token);
        var clock = InformerModelTests.RunClockAsync(time, end.Token);
        await informer.WaitForSyncAsync(cancel);
        var (wanted, refilling, refills) = (-1, Task.CompletedTask, 1);
        foreach (var (step, number) in steps)
        {
            var key = KeyOf(number % Names);
            switch (step)
            {
                case Step.Put:
                    server.Put(key, "x");
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
                case Step.Want when refilling.IsCompleted:
                    await refilling;
                    Want(number);
                    refilling = RefillAsync();
                    refills++;
                    break;
                case Step.Settle:
                    await Task.WhenAny(refilling, Task.Delay(200, cancel));
                    break;
                default:
                    await Task.Delay(3, cancel);
                    break;
            }
        }

        server.Faults = 0;
        Assert.False(running.IsCompleted);
        await refilling.WaitAsync(TimeSpan.FromSeconds(20), cancel);
        Want(wanted ^ 0b10101);
        await RefillAsync().WaitAsync(TimeSpan.FromSeconds(20), cancel);
        server.Put(KeyOf(0), "x");
        server.Put(KeyOf(2), "x");
        await Testing.Eventually.SeeAsync("the cache to be the server's", _ => Task.FromResult(string.Join(" ", Held())), held => held == string.Join(" ", Wanted()), TimeSpan.FromSeconds(20), cancel);
        Assert.Empty(faulty);
        await end.CancelAsync();
        await Task.WhenAny(running);
        await clock;
        return refills;

        void Want(int names)
        {
            wanted = names;
            informer.Hold(value => (names & (1 << (value.Key.Name[1] - '0'))) != 0);
        }

        async Task RefillAsync()
        {
            var asked = Wanted().ToList();
            await informer.RefillAsync();

            // What is still as it was when the refill was asked for must be there by now, whatever the watch has told so far.
            var (held, now) = (Held().ToHashSet(), Wanted().ToHashSet());
            Assert.Equal([], asked.Where(one => now.Contains(one) && !held.Contains(one)));
        }

        IEnumerable<string> Wanted() => server.State([], "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(one => (wanted & (1 << (one.Split(':')[0][^1] - '0'))) != 0);

        IEnumerable<string> Held() => options.Fingerprint is null
            ? informer.Cache.List().Select(one => $"{one.Key}:{one.Uid}:{one.ResourceVersion}")
            : informer.Fingerprints.List().Select(one => $"{one.Key}:{one.Uid}:{one.ResourceVersion}");
    }

    private static string KeyOf(int number) => $"{"abc"[number % 3]}/o{number}";

    private sealed class Ending(CancellationTokenSource source) : IDisposable
    {
        public void Dispose() => source.Cancel();
    }
}
