using Capstan.Applying;
using Xunit;

namespace Capstan.Runtime.Tests.Applying;

public sealed class EventSeriesBookTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void Trap42_the_same_event_within_six_minutes_is_counted()
    {
        var book = new EventSeriesBook(time);
        var first = book.Record(About("a"), time.GetUtcNow());
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Same(first, book.Record(About("a"), time.GetUtcNow()));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Same(first, book.Record(About("a"), time.GetUtcNow()));
        Assert.Equal(3, first.Count);

        time.Advance(TimeSpan.FromMinutes(6));
        var second = book.Record(About("a"), time.GetUtcNow());
        Assert.NotSame(first, second);
        Assert.NotEqual(first.Key, second.Key);
    }

    [Fact]
    public void Trap42_one_object_gets_25_events_and_then_one_in_five_minutes()
    {
        var book = new EventSeriesBook(time);
        var noisy = About("noisy").Regarding;
        Assert.Equal(25, Enumerable.Range(0, 100).Count(_ => book.MayWrite(noisy, time.GetUtcNow())));
        Assert.True(book.MayWrite(About("quiet").Regarding, time.GetUtcNow()), "one object's noise silenced another");
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(2, Enumerable.Range(0, 100).Count(_ => book.MayWrite(noisy, time.GetUtcNow())));
    }

    [Fact]
    public void Trap42_names_are_unique_and_never_too_long()
    {
        var book = new EventSeriesBook(time);
        var records = Enumerable.Range(0, 10_000).Select(i => book.Record(About(new string('x', 250), $"note {i}"), time.GetUtcNow())).ToList();
        Assert.Equal(10_000, records.Select(record => record.Key.Name).Distinct().Count());
        Assert.All(records, record => Assert.InRange(record.Key.Name.Length, 1, 253));
    }

    [Fact]
    public void Trap42_an_event_of_a_cluster_scoped_object_is_in_the_default_namespace() =>
        Assert.Equal("default", new EventSeriesBook(time).Record(About("node") with { Regarding = new() { Name = "node" } }, time.GetUtcNow()).Key.Namespace);

    private static EventIdentity About(string name, string note = "note") =>
        new(new() { Kind = "ConfigMap", Namespace = "prod", Name = name, Uid = "u-" + name }, "Normal", "Reason", "Action", note);
}
