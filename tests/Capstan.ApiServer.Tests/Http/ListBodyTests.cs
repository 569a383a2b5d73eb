using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.Yaml;
using Xunit;

namespace Capstan.ApiServer.Tests.Http;

public sealed class ListBodyTests
{
    private const int Large = 2000;

    private static JsonObject Head => new() { ["kind"] = "L", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["resourceVersion"] = "7", ["continue"] = "c" } };

    private static JsonObject Item(int i) => new() { ["spec"] = new JsonObject { ["z"] = i, ["a"] = new string('x', 60), ["list"] = new JsonArray(1, "two", new JsonObject { ["y"] = true }) }, ["kind"] = "K" };

    private static async Task<Writes> WrittenAsync(int count, Format format, bool pretty, string field = "items", string empty = "[]")
    {
        var seen = new Writes();
        await new ListBody(Head, field, count, (buffer, i) => buffer.Write(ObjectBytes.Of(Item(i)))) { Empty = empty }.WriteAsync(seen, format, pretty);
        return seen;
    }

    private static JsonObject Whole(int count, string field = "items")
    {
        var whole = Head;
        whole[field] = new JsonArray([.. Enumerable.Range(0, count).Select(Item)]);
        return whole;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Large)]
    public async Task Item_by_item_it_is_the_same_document(int count)
    {
        Assert.Equal(ObjectBytes.Text(Whole(count)) + "\n", (await WrittenAsync(count, Format.Json, pretty: false)).Text);
        Assert.Equal(Encoding.UTF8.GetString(ObjectBytes.Of(Whole(count), pretty: true)), (await WrittenAsync(count, Format.Json, pretty: true)).Text);
        Assert.Equal(YamlWriter.Write(ListBody.Sorted(Whole(count))), (await WrittenAsync(count, Format.Yaml, pretty: false)).Text);
        Assert.Equal(YamlWriter.Write(ListBody.Sorted(Whole(count, "rows"))), (await WrittenAsync(count, Format.Yaml, pretty: false, "rows")).Text);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_long_list_is_never_in_memory_as_a_whole(bool yaml, bool pretty)
    {
        var seen = await WrittenAsync(Large, yaml ? Format.Yaml : Format.Json, pretty);
        TestContext.Current.TestOutputHelper?.WriteLine($"{seen.Text.Length} in {seen.Sizes.Count} writes, the largest {seen.Sizes.Max()}");
        Assert.InRange(seen.Sizes.Max(), 1, 50_000);
        Assert.True(seen.Sizes.Count > 3);
    }

    [Fact]
    public async Task A_list_that_was_never_made_is_null_when_it_is_empty()
    {
        Assert.EndsWith(",\"items\":null}\n", (await WrittenAsync(0, Format.Json, pretty: false, empty: "null")).Text, StringComparison.Ordinal);
        Assert.Contains("\nitems: null\n", (await WrittenAsync(0, Format.Yaml, pretty: false, empty: "null")).Text, StringComparison.Ordinal);
        Assert.Null(JsonNode.Parse((await WrittenAsync(0, Format.Json, pretty: true, empty: "null")).Text)!["items"]);
    }

    private sealed class Writes : MemoryStream
    {
        public List<int> Sizes { get; } = [];

        public string Text => Encoding.UTF8.GetString(ToArray());

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Sizes.Add(buffer.Length);
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
