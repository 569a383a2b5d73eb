using System.Text;
using Capstan.Caching;

namespace Capstan.Testing.Tests.Faults;

/// <summary>The runtime's informer at a server that fails in every way there is: in the end it knows what the server knows.</summary>
public sealed class InformerUnderFaultsTests
{
    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Faults => ["none", "429", "500", "503", "410 lists", "410 watches", "reset lists", "drop", "end", "split", "stale", "all at once"];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task An_informer_comes_to_know_everything(string fault)
    {
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Controllers = false, FaultSeed = 5 }, Stop);
        foreach (var one in Named(fault))
        {
            cluster.Faults.Add(one.From("informer"));
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var informer = new Informer(cluster.NewClient("informer"), ConfigMaps, new InformerOptions { MaxBackoff = TimeSpan.FromMilliseconds(100) });
        var run = informer.RunAsync(end.Token);
        for (var i = 0; i < 60; i++)
        {
            await ApplyAsync(cluster, $"m{i % 20}", i);
            if (i % 15 == 14)
            {
                await cluster.Client.DeleteAsync(ConfigMaps, new ObjectKey("default", $"m{i % 20}"), cancellationToken: Stop);
                cluster.Compact();
                cluster.Faults.DropWatches("configmaps");
            }
        }

        // What holds events back for ever is not survived but ended.
        foreach (var rule in cluster.Faults.Rules.Where(r => $"{r.Fault}".StartsWith("stale", StringComparison.Ordinal)))
        {
            rule.Dispose();
        }

        var list = await cluster.Client.ListAsync(ConfigMaps, cancellationToken: Stop);
        var expected = string.Join(' ', list.Items.Select(i => $"{i.Key}@{i.ResourceVersion}").Order(StringComparer.Ordinal));
        await Eventually.SeeAsync("the cache to agree", _ => Task.FromResult(State(informer)), state => state == expected, cancellationToken: Stop);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', cluster.Faults.Injected.GroupBy(f => f.Fault).Select(g => $"{g.Count()} × {g.Key}")));
        Assert.True(fault == "none" || cluster.Faults.Injected.Any(f => f.UserAgent.StartsWith("informer", StringComparison.Ordinal)));
        await end.CancelAsync();
        await Task.WhenAny(run);
    }

    private static Fault[] Named(string fault) => fault switch
    {
        "none" => [],
        "429" => [Fault.TooManyRequests().On("read", "configmaps").Times(2)],
        "500" => [Fault.InternalError().On("read", "configmaps").Times(3)],
        "503" => [Fault.Unavailable(TimeSpan.FromSeconds(1)).On("read", "configmaps").Times(2)],
        "410 lists" => [Fault.Expired().On("list", "configmaps").Times(2)],
        "410 watches" => [Fault.Expired().On("watch", "configmaps").Skip(1).Times(2)],
        "reset lists" => [Fault.Reset(50).On("list", "configmaps").Times(2), Fault.Reset(50).On("watch", "configmaps").Times(1)],
        "drop" => [Fault.DropWatch(3).On("watch", "configmaps").Times(4)],
        "end" => [Fault.EndWatch(3).On("watch", "configmaps").Times(4)],
        "split" => [Fault.SplitEvents(21)],
        "stale" => [Fault.Stale(5).On("read", "configmaps")],
        _ =>
        [
            Fault.SplitEvents(30),
            Fault.InternalError().On("read", "configmaps").WithProbability(0.1),
            Fault.Expired().On("read", "configmaps").WithProbability(0.1),
            Fault.DropWatch(4).On("watch", "configmaps").WithProbability(0.3),
            Fault.EndWatch(2).On("watch", "configmaps").WithProbability(0.3),
        ],
    };

    private static string State(Informer informer) =>
        string.Join(' ', informer.Cache.List().Select(o => $"{o.Key}@{o.ResourceVersion}").Order(StringComparer.Ordinal));

    private static Task ApplyAsync(TestCluster cluster, string name, int value) => cluster.Client.ApplyAsync(
        ConfigMaps,
        new ObjectKey("default", name),
        Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"},"data":{"v":"{{{value}}}"}}"""),
        new ApplyOptions { FieldManager = "test" },
        Stop);
}
