using Capstan.Queueing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Capstan.Runtime.Tests.Queueing;

/// <summary>Random commands on the queue and on a model of it that is too simple to be wrong.</summary>
public sealed class WorkQueueModelTests
{
    /// <summary>A command as numbers, so that a failing sequence shrinks to a short one.</summary>
    private enum Op
    {
        Add,
        AddAfter,
        AddRateLimited,
        Get,
        Done,
        Forget,
        Advance,
        GiveUp,
    }

    [Fact]
    public void Never_two_workers_on_a_key_and_no_key_is_lost()
    {
        var command = Gen.Choose(0, 7).SelectMany(op => Gen.Choose(0, 4).SelectMany(key => Gen.Choose(0, 40).Select(number => (Op: (Op)op, Key: key, Number: number))));
        var sequences = command.ListOf().Select(list => list.ToArray());
        var property = Prop.ForAll(Arb.From(sequences), commands => Run(commands));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(150).WithReplay(20261121, 7), property);
    }

    private static void Run((Op Op, int Key, int Number)[] commands)
    {
        var time = new ManualTime();

        // Ageing over a day: within a sequence the priorities are strict, which the model can say.
        using var queue = new WorkQueue<int>(new() { TimeProvider = time, AgeingStep = TimeSpan.FromDays(1) });
        var model = new Model();
        var waiting = new List<(Task<WorkItem<int>> Task, CancellationTokenSource Cancellation)>();
        foreach (var (op, key, number) in commands)
        {
            var priority = (Priority)(number % 4);
            switch (op)
            {
                case Op.Add:
                    queue.Add(key, priority);
                    model.Add(key, 0, priority);
                    break;
                case Op.AddAfter:
                    queue.AddAfter(key, TimeSpan.FromSeconds(number), priority);
                    model.Add(key, number, priority);
                    break;
                case Op.AddRateLimited:
                    var delay = new ExponentialBackoff().DelayFor(queue.Failures(key));
                    queue.AddRateLimited(key, priority);
                    model.Add(key, delay.TotalSeconds, priority);
                    break;
                case Op.Get:
                    var cancellation = new CancellationTokenSource();
                    waiting.Add((queue.GetAsync(cancellation.Token).AsTask(), cancellation));
                    break;
                case Op.Done when model.Running.Count > 0:
                    var running = model.Running.Order().ElementAt(number % model.Running.Count);
                    queue.Done(running);
                    model.Running.Remove(running);
                    break;
                case Op.Forget:
                    queue.Forget(key);
                    break;
                case Op.Advance:
                    time.Advance(TimeSpan.FromSeconds(number));
                    model.Now += number;
                    break;
                case Op.GiveUp when waiting.Count > 0:
                    waiting[^1].Cancellation.Cancel();
                    Assert.True(waiting[^1].Task.IsCanceled || waiting[^1].Task.IsCompletedSuccessfully || SpinWait.SpinUntil(() => waiting[^1].Task.IsCompleted, 5000));
                    waiting.RemoveAt(waiting.Count - 1);
                    break;
            }

            // Whoever waits while the model has something ready must get it; nobody may get anything else.
            while (waiting.Count > 0 && model.Ready.Any())
            {
                Assert.True(SpinWait.SpinUntil(() => waiting.Any(one => one.Task.IsCompleted), 5000), $"after {op}: a key is ready and a worker waits in vain");
                var answered = waiting.First(one => one.Task.IsCompleted);
                waiting.Remove(answered);
                var item = answered.Task.Result;
                Assert.True(item.HasKey);
                model.Take(item.Key, item.Priority);
            }

            Assert.Equal((model.Ready.Count(), model.Running.Count, model.Delayed.Count()), (queue.Depth, queue.Running, queue.Delayed));
        }

        queue.ShutDown();
        Assert.True(SpinWait.SpinUntil(() => waiting.All(one => one.Task.IsCompleted), 5000), "shutdown left a worker waiting");
        Assert.All(waiting, one => Assert.False(one.Task.Result.HasKey));
    }

    /// <summary>For each key at most one run to come: when, and how urgent.</summary>
    private sealed class Model
    {
        private readonly Dictionary<int, (double At, Priority Priority)> wanted = [];

        public double Now { get; set; }

        public HashSet<int> Running { get; } = [];

        public IEnumerable<int> Ready => wanted.Where(entry => entry.Value.At <= Now && !Running.Contains(entry.Key)).Select(entry => entry.Key);

        public IEnumerable<int> Delayed => wanted.Where(entry => entry.Value.At > Now).Select(entry => entry.Key);

        public void Add(int key, double delay, Priority priority) =>
            wanted[key] = wanted.TryGetValue(key, out var before)
                ? (Math.Min(before.At, Now + delay), before.Priority > priority ? before.Priority : priority)
                : (Now + delay, priority);

        public void Take(int key, Priority priority)
        {
            Assert.True(Running.Add(key), $"{key} is with two workers");
            Assert.True(wanted.Remove(key, out var entry), $"{key} ran without being asked for");
            Assert.True(entry.At <= Now, $"{key} ran {entry.At - Now} s early");
            Assert.Equal(entry.Priority, priority);
        }
    }
}
