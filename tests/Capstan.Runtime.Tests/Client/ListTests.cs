using System.Text;
using System.Text.Json;
using Capstan.Client;
using Capstan.Runtime.Tests.Scripted;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

/// <summary>Lists as they come over the wire.</summary>
public sealed class ListTests : IAsyncDisposable
{
    private readonly ScriptedApiServer _server = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Items_are_told_while_the_page_still_comes_and_pages_follow()
    {
        using var client = _server.Connect();
        await using var items = client.EnumerateAsync<ConfigMap>(new() { PageSize = 2 }, Cancel).GetAsyncEnumerator(Cancel);
        var moving = items.MoveNextAsync();
        var page = await _server.NextAsync();
        Assert.Equal("2", page.Query["limit"]);
        await page.BeginAsync();
        await page.SendAsync("""{"metadata":{"continue":"next","resourceVersion":"9"},"items":[""" + WireText.Object("a", 1) + "," + WireText.Object("b", 2)[..20]);
        Assert.True(await moving);
        Assert.Equal("a", items.Current.Metadata.Name);
        moving = items.MoveNextAsync();
        Assert.False(moving.IsCompleted);
        await page.SendAsync(WireText.Object("b", 2)[20..] + "]}");
        await page.EndAsync();
        Assert.True(await moving);
        Assert.Equal("b", items.Current.Metadata.Name);
        moving = items.MoveNextAsync();
        page = await _server.NextAsync();
        Assert.Equal("next", page.Query["continue"]);
        await page.AnswerAsync(WireText.List(9, WireText.Object("c", 3)));
        Assert.True(await moving);
        Assert.False(await items.MoveNextAsync());
    }

    [Fact]
    public async Task Whom_a_page_breaks_off_under_is_told_so_and_a_whole_list_asks_for_it_again()
    {
        using var client = _server.Connect();
        await using var items = client.EnumerateAsync(ConfigMap.Resource, null, Cancel).GetAsyncEnumerator(Cancel);
        var moving = items.MoveNextAsync();
        await BreakOffAsync();
        Assert.True(await moving);
        var error = await Assert.ThrowsAsync<HttpRequestException>(async () => await items.MoveNextAsync());
        TestContext.Current.TestOutputHelper!.WriteLine(error.Message);
        Assert.StartsWith("LIST configmaps: ", error.Message, StringComparison.Ordinal);

        var listing = client.ListAsync<ConfigMap>(cancellationToken: Cancel);
        await BreakOffAsync();
        await (await _server.NextAsync()).AnswerAsync(WireText.List(9, WireText.Object("a", 1), WireText.Object("b", 2)));
        Assert.Equal(["a", "b"], (await listing).Items.Select(item => item.Metadata.Name));

        async Task BreakOffAsync()
        {
            var page = await _server.NextAsync();
            await page.BeginAsync();
            await page.SendAsync("""{"items":[""" + WireText.Object("a", 1) + ",{");
            page.Cut();
        }
    }

    [Fact]
    public async Task Trap13_a_list_that_expires_while_one_goes_through_it_is_told()
    {
        using var client = _server.Connect();
        await using var items = client.EnumerateAsync(ConfigMap.Resource, null, Cancel).GetAsyncEnumerator(Cancel);
        var moving = items.MoveNextAsync();
        await (await _server.NextAsync()).AnswerAsync(WireText.Page(9, "next", WireText.Object("a", 1)));
        Assert.True(await moving);
        moving = items.MoveNextAsync();
        await (await _server.NextAsync()).RefuseAsync(410, "Expired");
        Assert.True((await Assert.ThrowsAsync<ApiException>(async () => await moving)).IsExpired);
    }

    [Fact]
    public async Task A_list_that_says_nothing_more_is_given_up()
    {
        var time = new ManualTime();
        using var client = _server.Connect(time);
        await using var items = client.EnumerateAsync(ConfigMap.Resource, null, Cancel).GetAsyncEnumerator(Cancel);
        var moving = items.MoveNextAsync();
        var page = await _server.NextAsync();
        await page.BeginAsync();
        await page.SendAsync("""{"items":[""" + WireText.Object("a", 1));
        Assert.True(await moving);
        moving = items.MoveNextAsync();
        time.Advance(TimeSpan.FromSeconds(70));
        await Assert.ThrowsAsync<TimeoutException>(async () => await moving);
    }

    [Fact]
    public void A_list_is_the_same_in_whatever_pieces_it_comes()
    {
        var json = Encoding.UTF8.GetBytes(
            """{"kind":"ConfigMapList","more":{"a":[1,{"items":[7]}]},"items":[{"metadata":{"name":"ä","resourceVersion":"1"},"data":{"v":"}]\\\""}}, {"metadata":{"name":"b"}} ],"metadata":{"resourceVersion":"9","remainingItemCount":3,"continue":"tok"},"last":[]} """);
        for (var size = 1; size <= json.Length; size++)
        {
            var items = new List<DynamicObject>();
            var reader = new ListReader(item => items.Add(DynamicObject.CopyFrom(item, ConfigMap.Resource)));
            var (start, end) = (0, 0);
            while (!reader.IsAtEnd)
            {
                end = Math.Min(end + size, json.Length);
                start += reader.Read(json.AsSpan(start, end - start), isLast: false);
            }

            Assert.Equal(["ä", "b"], items.Select(item => item.Key.Name));
            Assert.Equal(("9", "tok", "ConfigMap"), (reader.ResourceVersion, reader.Continue, items[1].Kind));
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("""{"items":[7]}""")]
    [InlineData("""{"items":[{"metadata":{"name":{}}}]}""")]
    [InlineData("<html>")]
    public async Task What_is_no_list_is_told(string body)
    {
        using var client = _server.Connect();
        var listing = client.ListAsync<ConfigMap>(cancellationToken: Cancel);
        await (await _server.NextAsync()).AnswerAsync(body);
        await Assert.ThrowsAnyAsync<JsonException>(() => listing);
    }

    [Fact]
    public async Task A_list_without_items_is_empty()
    {
        using var client = _server.Connect();
        foreach (var body in new[] { """{"items":null,"metadata":{"resourceVersion":"3"}}""", """{"metadata":{"resourceVersion":"3"}}""", """{"metadata":{"resourceVersion":"3"},"items":[]}""" })
        {
            var listing = client.ListAsync<ConfigMap>(cancellationToken: Cancel);
            await (await _server.NextAsync()).AnswerAsync(body);
            var list = await listing;
            Assert.Empty(list.Items);
            Assert.Equal("3", list.ResourceVersion);
        }
    }

    [Fact]
    public async Task Items_of_megabytes_are_read_once_or_twice_and_not_at_each_piece()
    {
        var data = new string('x', 3_000_000);
        using var body = new TricklingStream(Encoding.UTF8.GetBytes(WireText.List(9, WireText.Object("a", 1, data: data), WireText.Object("b", 2))), 1000);
        var items = new List<DynamicObject>();
        using var stream = new ListStream(body, new(item => items.Add(DynamicObject.CopyFrom(item, ConfigMap.Resource))));
        var before = GC.GetAllocatedBytesForCurrentThread();
        while (await stream.ReadAsync(Cancel))
        {
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{GC.GetAllocatedBytesForCurrentThread() - before} bytes allocated, {body.Reads} reads");
        Assert.Equal(["a", "b"], items.Select(item => item.Key.Name));
        Assert.Equal(data, items[0].To<ConfigMap>().Data!["v"]);
    }

    private sealed class TricklingStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public int Reads { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Reads++;
            return new(Read(buffer.Span[..Math.Min(size, buffer.Length)]));
        }
    }
}
