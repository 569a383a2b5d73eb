using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Storage;
using Xunit;

namespace Capstan.ApiServer.Tests.Storage;

public sealed class StoreTests
{
    private static readonly GroupResource ConfigMaps = new("", "configmaps");
    private readonly Store _store = new();

    private StoredObject Put(string name, string value = "v")
    {
        var key = new ObjectKey("n", name);
        return _store.TryPut(ConfigMaps, Objects.Encoded(key, value), _store.Find(ConfigMaps, key))!;
    }

    [Fact]
    public void Writes_the_revision_into_the_object()
    {
        var stored = Put("a");
        var json = JsonNode.Parse(stored.Json.Span)!;
        Assert.Equal(stored.Revision, long.Parse((string)json["metadata"]!["resourceVersion"]!, null));
        Assert.Equal(_store.Revision, stored.Revision);
        Assert.Equal("v1", Encoding.UTF8.GetString(stored.ApiVersion));
        Assert.Equal("7", (string?)JsonNode.Parse(stored.At(7).Json.Span)!["metadata"]!["resourceVersion"]);
        Assert.StartsWith("\"metadata\":{\"name\":\"a\"", Encoding.UTF8.GetString(StoredObject.Untyped(stored.Json).Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_write_that_another_overtook()
    {
        var first = Put("a");
        var second = Put("a", "w");
        var revision = _store.Revision;
        Assert.Null(_store.TryPut(ConfigMaps, Objects.Encoded(first.Key, "x"), first));
        Assert.Null(_store.TryPut(ConfigMaps, Objects.Encoded(first.Key, "x"), null));
        Assert.Null(_store.TryRemove(ConfigMaps, first));
        Assert.Equal(revision, _store.Revision);
        Assert.NotNull(_store.TryRemove(ConfigMaps, second));
        Assert.Null(_store.Find(ConfigMaps, first.Key));
    }

    [Fact]
    public void Reads_the_past_until_it_is_compacted()
    {
        Put("a");
        Put("b", "old");
        var then = _store.Revision;
        Put("b", "new");
        Put("c");
        _store.TryRemove(ConfigMaps, _store.Find(ConfigMaps, new ObjectKey("n", "a"))!);

        var past = _store.ReadAt(ConfigMaps, then)!.Value;
        Assert.Equal(["a", "b"], past.Objects.From(default).Select(s => s.Key.Name));
        Assert.Contains("old", Encoding.UTF8.GetString(past.Objects.Find(new ObjectKey("n", "b"))!.Json.Span), StringComparison.Ordinal);
        Assert.Equal(["b", "c"], _store.Read(ConfigMaps).Objects.From(default).Select(s => s.Key.Name));

        _store.Compact();
        Assert.Null(_store.ReadAt(ConfigMaps, then));
        Assert.NotNull(_store.ReadAt(ConfigMaps, _store.Revision));
    }

    [Fact]
    public void Tells_observers_every_change_in_order_also_those_they_cause()
    {
        var seen = new List<string>();
        _store.Observe(ConfigMaps, change =>
        {
            seen.Add($"{change.Key.Name}:{(change.Before is null ? "+" : change.After is null ? "-" : "~")}");
            if (change is { Before: null, Key.Name: "a" })
            {
                Put("caused");
                seen.Add("returned");
            }
        });
        Put("a");
        Put("a", "w");
        _store.TryRemove(ConfigMaps, _store.Find(ConfigMaps, new ObjectKey("n", "a"))!);
        Assert.Equal(["a:+", "returned", "caused:+", "a:~", "a:-"], seen);
    }

    [Fact]
    public async Task Loses_no_write_of_many_writers_and_shows_readers_whole_snapshots()
    {
        const int Writers = 8, Each = 500;
        var done = 0;
        var reader = Task.Run(() =>
        {
            while (Volatile.Read(ref done) < Writers)
            {
                var snapshot = _store.Read(ConfigMaps);
                Assert.All(snapshot.Objects.From(default), s => Assert.True(s.Revision <= snapshot.Revision));
            }
        }, TestContext.Current.CancellationToken);
        Parallel.For(0, Writers, new ParallelOptions { MaxDegreeOfParallelism = Writers }, writer =>
        {
            for (var i = 0; i < Each; i++)
            {
                var key = new ObjectKey("n", $"shared{i % 10}");
                while (_store.TryPut(ConfigMaps, Objects.Encoded(key, $"{writer}-{i}"), _store.Find(ConfigMaps, key)) is null)
                {
                }
            }

            Interlocked.Increment(ref done);
        });
        await reader;
        Assert.Equal(100 + (Writers * Each), _store.Revision);
    }
}
