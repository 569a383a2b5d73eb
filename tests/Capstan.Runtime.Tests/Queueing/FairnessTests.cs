using Capstan.Queueing;
using Xunit;

namespace Capstan.Runtime.Tests.Queueing;

public sealed class FairnessTests : IDisposable
{
    private readonly ManualTime time = new();
    private readonly WorkQueue<ObjectKey> queue;

    public FairnessTests() => queue = new(new() { TimeProvider = time }, static key => key.Namespace);

    public void Dispose() => queue.Dispose();

    [Fact]
    public void A_flood_of_one_namespace_delays_another_by_one_key_at_most()
    {
        Add("flood", 1000);
        Assert.Equal("flood-0", TakeAndDone());
        Add("quiet", 2);
        var order = Enumerable.Range(0, 5).Select(_ => TakeAndDone()).ToList();
        Assert.Equal(["flood-1", "quiet-0", "flood-2", "quiet-1", "flood-3"], order);
    }

    [Fact]
    public void Without_the_option_it_waits_for_the_whole_flood()
    {
        using var plain = new WorkQueue<ObjectKey>(new() { TimeProvider = time });
        for (var i = 0; i < 1000; i++)
        {
            plain.Add(new("flood", $"{i}"));
        }

        plain.Add(new("quiet", "0"));
        var place = 0;
        while (plain.TryGet(out var item) && item.Key.Namespace == "flood")
        {
            place++;
        }

        Assert.Equal(1000, place);
    }

    [Fact]
    public void A_namespace_whose_runs_are_slow_does_not_get_all_workers()
    {
        Add("slow", 100);
        Add("quick", 100);
        Assert.Equal(["slow-0", "quick-0"], [Take(), Take()]);
        for (var i = 1; i < 50; i++)
        {
            queue.Done(new("quick", $"{i - 1}"));
            Assert.Equal($"quick-{i}", Take());
        }
    }

    [Fact]
    public void One_namespace_alone_may_have_all_workers()
    {
        Add("only", 8);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"only-{i}"), Enumerable.Range(0, 8).Select(_ => Take()));
    }

    [Fact]
    public void Priorities_come_before_fairness_and_age_before_priorities()
    {
        queue.Add(new("a", "old"), Priority.Resync);
        time.Advance(TimeSpan.FromSeconds(5));
        Add("b", 3);
        Assert.Equal("b-0", Take());
        time.Advance(TimeSpan.FromSeconds(40));
        Add("c", 1);
        Assert.Equal(["a-old"], [Take()]);
        Assert.Equal(["c-0", "b-1", "b-2"], [Take(), Take(), Take()]);
    }

    [Fact]
    public void Within_a_namespace_keys_come_in_their_order()
    {
        Add("a", 3);
        Add("b", 1);
        queue.Add(new("a", "1"));
        Assert.Equal(["a-0", "b-0", "a-1", "a-2"], Enumerable.Range(0, 4).Select(_ => TakeAndDone()));
    }

    [Fact]
    public void A_delegate_that_throws_loses_no_key()
    {
        using var broken = new WorkQueue<int>(new() { TimeProvider = time }, key => key == 1 ? throw new InvalidOperationException("a bug") : "group");
        broken.AddAfter(1, TimeSpan.FromSeconds(1));
        broken.Add(2);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, broken.Depth);
        Assert.True(broken.TryGet(out var first) && broken.TryGet(out var second) && first.Key + second.Key == 3);
    }

    [Fact]
    public void Namespaces_that_come_and_go_allocate_nothing()
    {
        var keys = Enumerable.Range(0, 100).Select(i => new ObjectKey($"namespace-{i % 30}", $"{i}")).ToArray();
        Turn();
        Turn();
        Assert.Equal(0, Allocated.By(Turn));

        void Turn()
        {
            foreach (var key in keys)
            {
                queue.Add(key);
            }

            foreach (var _ in keys)
            {
                queue.Done(queue.GetAsync().Result.Key);
            }
        }
    }

    private void Add(string @namespace, int count)
    {
        for (var i = 0; i < count; i++)
        {
            queue.Add(new(@namespace, $"{i}"));
        }
    }

    private string Take()
    {
        Assert.True(queue.TryGet(out var item), "no key is ready");
        return $"{item.Key.Namespace}-{item.Key.Name}";
    }

    private string TakeAndDone()
    {
        Assert.True(queue.TryGet(out var item), "no key is ready");
        queue.Done(item.Key);
        return $"{item.Key.Namespace}-{item.Key.Name}";
    }
}
