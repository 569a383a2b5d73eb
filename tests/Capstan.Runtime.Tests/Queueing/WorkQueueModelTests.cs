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
        Batch,
        Claim,
        Done,
        Forget,
        Advance,
        GiveUp,
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Never_two_workers_on_a_key_and_no_key_is_lost_or_out_of_turn(bool fair)
    {
        var command = Gen.Choose(0, 9).SelectMany(op => Gen.Choose(0, 6).SelectMany(key => Gen.Choose(0, 40).Select(number => (Op: (Op)op, Key: key, Number: number))));
        var sequences = command.ListOf().Select(list => list.ToArray());
        var property = Prop.ForAll(Arb.From(sequences), commands => new QueueRun(fair).Do(commands));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(150).WithReplay(20261121, 7), property);
    }

    private sealed class QueueRun(bool fair)
    {
        private readonly ManualTime time = new();
        private readonly QueueModel model = new(fair);
        private readonly List<(Task<WorkItem<int>> Task, CancellationTokenSource Cancellation)> waiting = [];
        private readonly Dictionary<int, Queue<Task<bool>>> claims = [];

        public void Do((Op Op, int Key, int Number)[] commands)
        {
            // Ageing over a day: within a sequence the priorities are strict, which the model can say.
            using var queue = new WorkQueue<int>(new() { TimeProvider = time, AgeingStep = TimeSpan.FromDays(1) }, fair ? QueueModel.GroupOf : null);
            foreach (var (op, key, number) in commands)
            {
                Do(queue, op, key, number);
                HandOver(op);
                Assert.Equal((model.Ready.Count(), model.Running.Count, model.Delayed.Count()), (queue.Depth, queue.Running, queue.Delayed));
            }

            queue.ShutDown();
            Assert.True(SpinWait.SpinUntil(() => waiting.All(one => one.Task.IsCompleted), 5000), "shutdown left a worker waiting");
            Assert.All(waiting, one => Assert.False(one.Task.Result.HasKey));
            Assert.All(claims.Values.SelectMany(all => all), claim => Assert.True(SpinWait.SpinUntil(() => claim.IsCompleted, 5000) && !claim.Result, "shutdown left one waiting for a key"));
        }

        private void Do(WorkQueue<int> queue, Op op, int key, int number)
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
                case Op.Get when !model.Ready.Any():
                    var cancellation = new CancellationTokenSource();
                    waiting.Add((queue.GetAsync(cancellation.Token).AsTask(), cancellation));
                    break;
                case Op.Get or Op.Batch:
                    for (var count = op == Op.Get ? 1 : number % 4; count > 0; count--)
                    {
                        var found = queue.TryGet(out var item);
                        Assert.Equal(model.Ready.Any(), found);
                        if (found)
                        {
                            model.TakeInTurn(item.Key, item.Priority);
                        }
                    }

                    break;
                case Op.Claim:
                    var claim = queue.TakeAsync(key).AsTask();
                    if (model.Running.Add(key))
                    {
                        Assert.True(claim.IsCompletedSuccessfully && claim.Result, $"{key} is with nobody and cannot be taken");
                    }
                    else
                    {
                        claims.TryAdd(key, []);
                        claims[key].Enqueue(claim);
                    }

                    break;
                case Op.Done when model.Running.Count > 0:
                    var running = model.Running.Order().ElementAt(number % model.Running.Count);
                    queue.Done(running);
                    if (claims.GetValueOrDefault(running) is { Count: > 0 } next)
                    {
                        Assert.True(SpinWait.SpinUntil(() => next.Peek().IsCompleted, 5000) && next.Dequeue().Result, $"who waits for {running} waits in vain");
                    }
                    else
                    {
                        model.Done(running);
                    }

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

            Assert.All(claims.Values.Where(all => all.Count > 0), all => Assert.False(all.Peek().IsCompleted, "a key is with two"));
        }

        /// <summary>Whoever waits while the model has something ready must get it; nobody may get anything else.</summary>
        private void HandOver(Op after)
        {
            while (waiting.Count > 0 && model.Ready.Any())
            {
                Assert.True(SpinWait.SpinUntil(() => waiting.Any(one => one.Task.IsCompleted), 5000), $"after {after}: a key is ready and a worker waits in vain");
                var answered = waiting.First(one => one.Task.IsCompleted);
                waiting.Remove(answered);
                var item = answered.Task.Result;
                Assert.True(item.HasKey);
                model.Take(item.Key, item.Priority);
            }
        }
    }

    /// <summary>For each key at most one run to come: when, how urgent, and since when it stands in its place.</summary>
    private sealed class QueueModel(bool fair)
    {
        private readonly Dictionary<int, (double At, Priority Priority, double Since)> wanted = [];

        public double Now { get; set; }

        public HashSet<int> Running { get; } = [];

        public IEnumerable<int> Ready => wanted.Where(entry => entry.Value.At <= Now && !Running.Contains(entry.Key)).Select(entry => entry.Key);

        public IEnumerable<int> Delayed => wanted.Where(entry => entry.Value.At > Now).Select(entry => entry.Key);

        public static string GroupOf(int key) => $"group-{key % 3}";

        public void Add(int key, double delay, Priority priority)
        {
            if (!wanted.TryGetValue(key, out var before))
            {
                wanted[key] = (Now + delay, priority, Now + delay);
                return;
            }

            var at = Math.Min(before.At, Now + delay);
            var isReady = before.At <= Now;
            var raised = priority > before.Priority;
            wanted[key] = (at, raised ? priority : before.Priority, !isReady ? at : raised ? Now : before.Since);
        }

        public void Done(int key)
        {
            Running.Remove(key);
            if (wanted.TryGetValue(key, out var entry))
            {
                wanted[key] = entry with { Since = Math.Max(entry.At, Now) };
            }
        }

        public void TakeInTurn(int key, Priority priority)
        {
            var ready = Ready.ToList();
            Assert.Equal(ready.Max(other => wanted[other].Priority), priority);
            var rivals = ready.Where(other => wanted[other].Priority == priority).ToList();
            if (fair)
            {
                Assert.Equal(rivals.Min(other => WithWorkers(GroupOf(other))), WithWorkers(GroupOf(key)));
                rivals.RemoveAll(other => GroupOf(other) != GroupOf(key));
            }

            Assert.Equal(rivals.Min(other => wanted[other].Since), wanted[key].Since);
            Take(key, priority);
        }

        public void Take(int key, Priority priority)
        {
            Assert.True(Running.Add(key), $"{key} is with two workers");
            Assert.True(wanted.Remove(key, out var entry), $"{key} ran without being asked for");
            Assert.True(entry.At <= Now, $"{key} ran {entry.At - Now} s early");
            Assert.Equal(entry.Priority, priority);
        }

        private int WithWorkers(string group) => Running.Count(key => GroupOf(key) == group);
    }
}
