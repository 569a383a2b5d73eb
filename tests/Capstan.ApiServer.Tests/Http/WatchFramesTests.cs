using System.Text;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;
using Capstan.ApiServer.Tests.Catalogues;
using Capstan.ApiServer.Tests.Storage;
using Xunit;

namespace Capstan.ApiServer.Tests.Http;

public sealed class WatchFramesTests
{
    private static readonly Representation Tables = new(Format.Json, Shape.Table, "meta.k8s.io/v1", false);
    private static readonly ServedResource ConfigMaps = CatalogueTests.BuiltIn.First(r => r.Type is { Group: "", Kind: "ConfigMap" });
    private static readonly ServedResource Secrets = CatalogueTests.BuiltIn.First(r => r.Type is { Group: "", Kind: "Secret" });

    private readonly Clock _clock = new();
    private readonly Store _store = new();
    private int _made;

    private StoredObject Stored(string name) => _store.TryPut(ConfigMaps.Bucket, Objects.Encoded(new ObjectKey("n", name), "v"), null)!;

    private ReadOnlyMemory<byte> Make(StoredObject stored)
    {
        _made++;
        return Encoding.UTF8.GetBytes(stored.Key.Name);
    }

    private ReadOnlyMemory<byte> MakeLarge(StoredObject stored)
    {
        _made++;
        return new byte[100_000];
    }

    [Fact]
    public void A_thousand_watchers_have_each_change_made_once()
    {
        var frames = new WatchFrames.ByKind(_clock);
        var watchers = Enumerable.Range(0, 1000).Select(_ => frames.For(ConfigMaps, Tables, TableObject.None)).ToList();
        var changes = Enumerable.Range(0, 20).Select(i => Stored($"c{i}")).ToList();
        foreach (var watcher in watchers)
        {
            Assert.Equal(changes.Select(c => c.Key.Name), changes.Select(c => Encoding.UTF8.GetString(watcher.Of(c, Make).Span)));
        }

        Assert.Equal(20, _made);
    }

    [Fact]
    public void Who_sees_another_form_or_another_kind_shares_nothing()
    {
        var frames = new WatchFrames.ByKind(_clock);
        var one = frames.For(ConfigMaps, Tables, TableObject.None);
        Assert.Same(one, frames.For(ConfigMaps, Tables, TableObject.None));
        Assert.NotSame(one, frames.For(ConfigMaps, Tables, TableObject.Metadata));
        Assert.NotSame(one, frames.For(ConfigMaps, Tables with { MetaVersion = "meta.k8s.io/v1beta1" }, TableObject.None));
        Assert.NotSame(one, frames.For(ConfigMaps, Tables with { Shape = Shape.Metadata }, TableObject.None));
        Assert.NotSame(one, frames.For(Secrets, Tables, TableObject.None));
    }

    [Fact]
    public void What_is_old_or_large_is_made_anew()
    {
        var watcher = new WatchFrames(_clock);
        var change = Stored("c");
        watcher.Of(change, Make);
        _clock.Passed = TimeSpan.FromMilliseconds(999);
        watcher.Of(change, Make);
        Assert.Equal(1, _made);
        _clock.Passed = TimeSpan.FromSeconds(1);
        watcher.Of(change, Make);
        Assert.Equal(2, _made);

        var large = Stored("l");
        watcher.Of(large, MakeLarge);
        watcher.Of(large, MakeLarge);
        Assert.Equal(4, _made);
    }

    [Fact]
    public void Two_objects_of_one_place_are_not_taken_for_each_other()
    {
        var watcher = new WatchFrames(_clock);
        var first = Stored("first");
        var later = first.At(first.Revision + 64);
        watcher.Of(first, Make);
        watcher.Of(later, Make);
        watcher.Of(first, Make);
        Assert.Equal(3, _made);
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
