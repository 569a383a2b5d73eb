using System.Text.Json.Nodes;
using Capstan.Applying;
using Capstan.Runtime.Tests.Scripted;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

/// <summary>What a request allocates: a fixed part, and the body that its caller gets, once. Alone in the process, since all threads are counted.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests
{
    private const int Small = 1_000;
    private const int Large = 101_000;
    private const int Rounds = 200;

    /// <summary>Bytes that a request may take besides bodies: .NET's messages, headers and tasks, and the deadline. Measured: 5,000 to 7,500.</summary>
    private const int FixedPart = 8_000;

    private static readonly ObjectKey Key = new("default", "a");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_get_allocates_its_body_once()
    {
        var (small, large) = await CompareAsync((client, _) => client.GetAsync(ConfigMap.Resource, Key, Cancel));
        Assert.InRange(small, 0, FixedPart + Small);
        Assert.InRange(large - small, 0, (Large - Small) * 1.1);
    }

    [Fact]
    public async Task A_list_allocates_each_item_once()
    {
        var (small, large) = await CompareAsync((client, _) => client.ListAsync(ConfigMap.Resource, null, Cancel), WireText.List(9, "ITEM"));
        Assert.InRange(small, 0, FixedPart + Small);
        Assert.InRange(large - small, 0, (Large - Small) * 1.1);
    }

    [Fact]
    public async Task A_status_patch_allocates_what_is_different_and_not_what_is_not()
    {
        // The answer is the object, once; the patch itself is small.
        var (small, large) = await CompareAsync((client, _) => new StatusWriter(client).WriteAsync(ConfigMap.Resource, Key, new() { ["a"] = 1 }, new() { ["a"] = 2 }, null, Cancel));
        Assert.InRange(small, 0, FixedPart + 4_000 + Small);
        Assert.InRange(large - small, 0, (Large - Small) * 1.1);
    }

    [Fact]
    public async Task An_apply_allocates_its_body_and_the_answer_and_no_text_of_either()
    {
        var (small, large) = await CompareAsync((client, wanted) => new Applier(client, "test").ApplyAsync(ConfigMap.Resource, wanted, Cancel));
        Assert.InRange(small, 0, FixedPart + 2_000 + (2 * Small));
        Assert.InRange(large - small, 0, (Large - Small) * 2.2);
    }

    [Fact]
    public async Task An_apply_that_is_left_out_allocates_its_body_alone()
    {
        await using var server = new FixedAnswerServer(WireText.Object("a", 5, data: new string('x', Small)));
        using var client = new KubeClient(new() { Server = server.Url });
        var applier = new Applier(client, "test");
        var (wanted, live) = (Wanted(Small), new LiveVersion("uid-a", "5"));
        await applier.ApplyAsync(ConfigMap.Resource, wanted, Cancel);
        var bytes = await PerRoundAsync(async () => Assert.Null(await applier.ApplyAsync(ConfigMap.Resource, wanted, live, Cancel)));
        TestContext.Current.TestOutputHelper!.WriteLine($"{bytes} bytes");
        Assert.InRange(bytes, 0, 1_000 + Small);
    }

    private static JsonObject Wanted(int size) =>
        JsonNode.Parse($$$"""{"metadata":{"name":"a","namespace":"default"},"data":{"v":"{{{Text(size)}}}"}}""".Replace("}}", "} }", StringComparison.Ordinal))!.AsObject();

    private static string Text(int size) => new('x', size);

    private static async Task<(long Small, long Large)> CompareAsync(Func<KubeClient, JsonObject, Task> request, string? answer = null)
    {
        var bytes = new List<long>();
        foreach (var size in new[] { Small, Large })
        {
            var item = WireText.Object("a", 5, data: Text(size));
            await using var server = new FixedAnswerServer(answer?.Replace("ITEM", item, StringComparison.Ordinal) ?? item);
            using var client = new KubeClient(new() { Server = server.Url });
            var wanted = Wanted(size);
            bytes.Add(await PerRoundAsync(() => request(client, wanted)));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{bytes[0]} bytes with {Small} of data, {bytes[1]} with {Large}");
        return (bytes[0], bytes[1]);
    }

    private static async Task<long> PerRoundAsync(Func<Task> round)
    {
        for (var i = 0; i < Rounds; i++)
        {
            await round();
        }

        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Rounds; i++)
        {
            await round();
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / Rounds;
    }
}
