using Capstan.Caching;
using Capstan.Runtime.Tests.Scripted;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>Caches that keep of an object what it takes to see that it changed.</summary>
public sealed class FingerprintTests
{
    private static readonly InformerOptions Options = new() { Fingerprint = static o => Fingerprint.Of(o, "data", "metadata.labels") };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static DynamicObject Parse(string json) => DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(json));

    [Fact]
    public async Task Keeps_key_uid_version_and_hash_and_tells_of_whole_objects()
    {
        await using var run = new InformerRun(Options);
        var told = System.Threading.Channels.Channel.CreateUnbounded<CacheChange>();
        run.Informer.AddHandler(c => told.Writer.TryWrite(c));
        var watch = await run.StartAsync(10, WireText.Object("a", 5, "11111111-2222-3333-4444-555555555555", data: "x"), WireText.Object("b", 6, "odd uid"));
        await run.Informer.WaitForSyncAsync(Cancel);
        var known = run.Informer.Fingerprints.List();
        Assert.Equal([("a", "11111111-2222-3333-4444-555555555555", "5"), ("b", "odd uid", "6")], known.Select(f => (f.Key.Name, f.Uid, f.ResourceVersion)));
        Assert.NotEqual(known[0].Hash, known[1].Hash);
        Assert.Equal(2, run.Informer.Count);
        Assert.Equal(Fingerprint.Of(Parse(WireText.Object("other", 99, data: "x")), "data", "metadata.labels"), known[0].Hash);
        Assert.Contains("fingerprints only", Assert.Throws<InvalidOperationException>(() => run.Informer.Cache).Message, StringComparison.Ordinal);

        Assert.NotNull((await told.Reader.ReadAsync(Cancel)).New!.ToJson()["data"]);
        await told.Reader.ReadAsync(Cancel);
        await watch.SendAsync(WireText.Event("MODIFIED", WireText.Object("b", 11, "odd uid", data: "y")) + WireText.Deleted("b", 12, "odd uid"));
        var updated = await told.Reader.ReadAsync(Cancel);
        Assert.Equal(("6", "odd uid", false), (updated.Old!.ResourceVersion, updated.Old.Uid, updated.Old.ToJson().ContainsKey("data")));
        Assert.NotNull(updated.New!.ToJson()["data"]);
        Assert.Equal(CacheChangeKind.Deleted, (await told.Reader.ReadAsync(Cancel)).Kind);
        Assert.Null(run.Informer.Fingerprints.Get(InformerRun.Key("b")));
    }

    [Fact]
    public async Task Changes_that_leave_the_fingerprint_as_it_was_are_told_only_of_objects_that_somebody_asks_for()
    {
        await using var run = new InformerRun(Options with { TellsUnchanged = static o => o.Key.Name == "awaited" });
        var watch = await run.StartAsync(10, WireText.Object("a", 5, data: "x"), WireText.Object("awaited", 6, data: "x"));
        await run.Informer.WaitForSyncAsync(Cancel);
        await run.ToldAsync();
        await run.ToldAsync();

        await watch.SendAsync(WireText.Event("MODIFIED", WireText.Object("a", 11, data: "x")) + WireText.Event("MODIFIED", WireText.Object("awaited", 12, data: "x"))
            + WireText.Event("MODIFIED", WireText.Object("a", 13, data: "y")));

        Assert.Equal(("Updated awaited 6>12", "Updated a 11>13"), (await run.ToldAsync(), await run.ToldAsync()));
    }

    [Fact]
    public async Task Trap14_what_a_list_lacks_is_told_as_gone_only_when_the_list_is_complete()
    {
        await using var run = new InformerRun(Options);
        var watch = await run.StartAsync(10, WireText.Object("a", 5), WireText.Object("b", 6), WireText.Object("c", 7));
        await run.Informer.WaitForSyncAsync(Cancel);
        for (var i = 0; i < 3; i++)
        {
            await run.ToldAsync();
        }

        await watch.SendAsync(WireText.Error(410, "Expired"));
        await (await run.Server.NextAsync()).AnswerAsync(WireText.Page(20, "more", WireText.Object("a", 5)));
        var second = await run.Server.NextAsync();
        Assert.Equal(3, run.Informer.Count);
        await second.AnswerAsync(WireText.List(20, WireText.Object("c", 15)));
        Assert.Equal(("Updated c 7>15", "Deleted b 6> stale"), (await run.ToldAsync(), await run.ToldAsync()));
        Assert.Equal(["a", "c"], run.Informer.Fingerprints.List().Select(f => f.Key.Name));
    }

    [Fact]
    public async Task Trap23_an_own_write_shows_at_once_and_hides_no_foreign_change_from_handlers()
    {
        await using var run = new InformerRun(Options);
        var watch = await run.StartAsync(10, WireText.Object("a", 5, data: "x"));
        await run.ToldAsync();
        await run.Informer.WaitForSyncAsync(Cancel);
        run.Informer.Fingerprints.Observe(Parse(WireText.Object("a", 20, data: "mine")));
        var mine = run.Informer.Fingerprints.Get(InformerRun.Key("a"))!.Value;
        Assert.Equal("20", mine.ResourceVersion);
        await watch.SendAsync(WireText.Event("MODIFIED", WireText.Object("a", 15, data: "foreign")));
        Assert.Equal("Updated a 20>15", await run.ToldAsync());
        Assert.Equal(mine, run.Informer.Fingerprints.Get(InformerRun.Key("a")));
        await watch.SendAsync(WireText.Event("MODIFIED", WireText.Object("a", 20, data: "mine")) + WireText.Modified("a", 20) + WireText.Modified("a", 21));
        Assert.Equal(("Updated a 20>20", "Updated a 20>21"), (await run.ToldAsync(), await run.ToldAsync()));

        run.Informer.Fingerprints.Observe(Parse(WireText.Object("never", 30)));
        Assert.Equal(2, run.Informer.Count);
        await watch.SendAsync(WireText.Bookmark(31) + WireText.Modified("a", 32));
        await run.ToldAsync();
        Assert.Equal(1, run.Informer.Count);
    }

    [Theory]
    [InlineData("""{"data":{"v":"x"}}""", """{"data":{"v":"y"}}""")]
    [InlineData("""{"data":{"v":"x"}}""", """{"other":{"v":"x"}}""")]
    [InlineData("""{"data":1,"metadata":{"labels":23}}""", """{"data":12,"metadata":{"labels":3}}""")]
    [InlineData("""{"data":null}""", """{}""")]
    public void Other_parts_other_fingerprints(string one, string other) =>
        Assert.NotEqual(Fingerprint.Of(Parse(one), "data", "metadata.labels"), Fingerprint.Of(Parse(other), "data", "metadata.labels"));

    [Fact]
    public void Parts_that_are_not_chosen_do_not_count() =>
        Assert.Equal(Fingerprint.Of(Parse("""{"data":{"v":"x"},"status":1}"""), "data"), Fingerprint.Of(Parse("""{"status":2,"data":{"v":"x"}}"""), "data"));

    [Fact]
    public void A_table_holds_what_a_dictionary_would()
    {
        var step =
            from name in Gen.Choose(0, 40)
            from number in Gen.Choose(0, 1000)
            from isRemoval in Gen.Frequency((3, Gen.Constant(false)), (2, Gen.Constant(true)))
            select (name, number, isRemoval);
        Prop.ForAll(Gen.ListOf(step).ToArbitrary(), steps =>
        {
            var table = new FingerprintTable();
            var model = new Dictionary<ObjectKey, ObjectFingerprint>();
            foreach (var (name, number, isRemoval) in steps)
            {
                // Long names, so that their blocks are renewed; every fifth uid and version in a form of its own.
                var key = new ObjectKey($"space{name % 3}", $"ö{name}-{new string('n', 900)}");
                if (isRemoval)
                {
                    Assert.Equal(model.Remove(key), table.Find(key) >= 0);
                    if (table.Find(key) is >= 0 and var row)
                    {
                        table.Remove(row);
                    }
                }
                else
                {
                    var isOdd = number % 5 == 0;
                    var value = new ObjectFingerprint(key, isOdd ? $"UID {number}" : new Guid(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10).ToString(), isOdd ? $"0{number}" : $"{number}", Fingerprint.Of(BitConverter.GetBytes(number)));
                    model[key] = value;
                    table.Put(value);
                }

                Assert.Equal(model.Count, table.Count);
            }

            Assert.Equal(model.Values.OrderBy(f => f.Key), table.Rows().Select(table.Read).OrderBy(f => f.Key));
            Assert.All(model, m => Assert.Equal(m.Value, table.Read(table.Find(m.Key))));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithEndSize(800));
    }

    [Fact]
    public void A_trie_holds_what_a_dictionary_would_and_a_change_leaves_the_one_before_as_it_was()
    {
        var step =
            from name in Gen.Choose(0, 200)
            from isRemoval in Gen.Elements(true, false)
            select (name, isRemoval);
        Prop.ForAll(Gen.ListOf(step).ToArbitrary(), steps =>
        {
            var start = Enumerable.Range(0, 100).ToDictionary(i => $"k{i}", i => (object)i);
            var first = HashTrie<object>.Of(start);
            var (trie, model) = (first, new Dictionary<string, object>(start));
            foreach (var (name, isRemoval) in steps)
            {
                var value = isRemoval ? null : new object();
                trie = trie.With($"k{name}", value);
                model[$"k{name}"] = value!;
                Assert.Same(value, trie.Find($"k{name}"));
            }

            Assert.All(Enumerable.Range(0, 202), i => Assert.Same(model.GetValueOrDefault($"k{i}"), trie.Find($"k{i}")));
            Assert.All(Enumerable.Range(0, 202), i => Assert.Same(start.GetValueOrDefault($"k{i}"), first.Find($"k{i}")));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithEndSize(300));
    }
}
