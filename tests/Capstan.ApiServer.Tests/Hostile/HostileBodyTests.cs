using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Hostile;

/// <summary>Bodies that are no objects, or would be monstrous ones; the codes are those of a real kube-apiserver unless a line says otherwise.</summary>
public sealed class HostileBodyTests(TestServer server) : IClassFixture<TestServer>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Good = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"good"},"data":{"k":"v"}}""";
    private const string Yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n";

    [Theory]
    [InlineData("application/json", 201)]
    [InlineData("Application/JSON", 201)]
    [InlineData("application/json; charset=latin1", 201)]
    [InlineData("", 201)]
    [InlineData(";;;=,", 415)]
    [InlineData("application/json; =", 415)]
    [InlineData("application/xml", 415)]
    [InlineData("application/cbor", 415)]
    public async Task A_content_type_that_is_not_spoken_is_415(string type, int code) => Assert.Equal(code, (int)(await CreateAsync(Encoding.UTF8.GetBytes(Good), type)).Code);

    [Fact]
    public async Task Json_that_ends_in_garbage_or_begins_with_a_mark_is_400()
    {
        foreach (var text in (string[])[Good + "garbage", Good + Good, "\uFEFF" + Good, new string('\0', 100), "nul", "{\"a\":1,}"])
        {
            Assert.Equal(400, (int)(await CreateAsync(Encoding.UTF8.GetBytes(text))).Code);
        }

        Assert.Equal(400, (int)(await CreateAsync(Encoding.Unicode.GetBytes(Good))).Code);
        Assert.Equal(400, (int)(await CreateAsync([0xff, 0xfe, (byte)'{', (byte)'}'])).Code);
    }

    [Fact]
    public async Task A_compressed_body_is_not_unpacked()
    {
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            zip.Write(Encoding.UTF8.GetBytes(Good));
        }

        Assert.Equal(400, (int)(await CreateAsync(packed.ToArray(), encoding: "gzip")).Code);
        Assert.Equal(400, (int)(await CreateAsync([0x1f, 0x8b, 8, 0, 1, 2, 3], encoding: "gzip")).Code);
    }

    [Theory]
    [InlineData("[", "]", 100_000)]
    [InlineData("{\"a\":", "}", 400_000)]
    [InlineData("[{\"a\":[", "]}]", 30_000)]
    public async Task Deep_json_is_400_in_every_kind_of_write(string open, string close, int depth)
    {
        var deep = string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
        Assert.Equal(400, (int)(await CreateAsync(Encoding.UTF8.GetBytes($$"""{"metadata":{"name":"d"},"data":{{deep}}}"""))).Code);
        var target = await ExistingAsync();
        foreach (var type in (string[])[TestServer.MergePatch, TestServer.StrategicPatch, TestServer.Apply])
        {
            Assert.Equal(400, (int)(await server.PatchAsync($"{target}?fieldManager=m", type, $$"""{"apiVersion":"v1","kind":"ConfigMap","data":{{deep}}}""")).Code);
        }

        Assert.Equal(400, (int)(await server.PatchAsync(target, TestServer.JsonPatch, $$"""[{"op":"add","path":"/data","value":{{deep}}}]""")).Code);
        Assert.Equal(400, (int)(await server.SendAsync(HttpMethod.Delete, $"{ConfigMaps}/none", deep)).Code);
    }

    [Fact]
    public async Task Yaml_that_multiplies_or_contains_itself_is_400()
    {
        var bomb = new StringBuilder(Yaml).Append("a: &a [x,x,x,x,x,x,x,x,x]\n");
        for (var c = 'b'; c < 'k'; c++)
        {
            bomb.Append(c).Append(": &").Append(c).Append(" [").AppendJoin(',', Enumerable.Repeat($"*{(char)(c - 1)}", 9)).Append("]\n");
        }

        foreach (var text in (string[])[bomb.ToString(), Yaml + "data: &d {b: *d }\n", Yaml + "data: {b: *x }\n", Yaml + "data: " + new string('[', 100_000), Yaml + "data:\n\tb: c\n", Yaml + "data: {a: \"\0\"}"])
        {
            Assert.Equal(400, (int)(await CreateAsync(Encoding.UTF8.GetBytes(text), "application/yaml")).Code);
            Assert.Equal(400, (int)(await server.PatchAsync($"{ConfigMaps}/good?fieldManager=m", TestServer.Apply, text)).Code);
        }
    }

    [Fact]
    public async Task Yaml_is_unicode()
    {
        Assert.Equal(400, (int)(await CreateAsync([.. Encoding.UTF8.GetBytes(Yaml + "data: {a: \""), 0xff, 0xfe, .. "\"}"u8], "application/yaml")).Code);
        Assert.Equal(201, (int)(await CreateAsync(Encoding.UTF8.GetBytes(Yaml + "data: {a: \"ä\"}"), "application/yaml")).Code);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"n"},"spec":{"replicas":1e999}}""", 400)]
    [InlineData("""{"metadata":{"name":"n"},"spec":{"replicas":99999999999999999999}}""", 400)]
    [InlineData("""{"metadata":{"name":"n","generation":999999999999999999999999999999}}""", 400)]
    public async Task Numbers_that_no_field_can_hold_are_400(string body, int code) =>
        Assert.Equal(code, (int)(await server.SendAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/default/deployments?dryRun=All", body)).Code);

    [Theory]
    [InlineData("1e999999999")]
    [InlineData("1e-999999999")]
    [InlineData("99999999999999999999999999999999999999999999e99")]
    [InlineData("0.00000000000000000000000000000000000000000001")]
    public async Task A_monstrous_quantity_is_judged_at_once(string quantity)
    {
        // Kubernetes itself computes for minutes here.
        var body = """{"metadata":{"name":"q"},"spec":{"containers":[{"name":"a","image":"b","resources":{"limits":{"cpu":"QUANTITY"}}}]}}""".Replace("QUANTITY", quantity, StringComparison.Ordinal);
        Assert.True((int)(await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods?dryRun=All", body)).Code < 500);
    }

    [Fact]
    public async Task A_patch_of_more_than_10000_operations_is_413()
    {
        var patch = $"[{string.Join(',', Enumerable.Repeat("""{"op":"test","path":"/kind","value":"ConfigMap"}""", 20_000))}]";
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await server.PatchAsync(await ExistingAsync(), TestServer.JsonPatch, patch)).Code);
    }

    [Fact]
    public async Task Patches_that_copy_what_they_copied_end()
    {
        var doubling = string.Join(',', Enumerable.Range(0, 60).Select(i => $$"""{"op":"copy","from":"/data","path":"/data/x{{i}}"}"""));
        var answer = await server.PatchAsync(await ExistingAsync(), TestServer.JsonPatch, $"[{doubling}]");
        Assert.True((int)answer.Code is >= 400 and < 500, answer.Text[..Math.Min(answer.Text.Length, 300)]);
    }

    private async Task<string> ExistingAsync()
    {
        var ns = await server.NamespaceAsync();
        Assert.Equal(HttpStatusCode.Created, (await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", Good)).Code);
        return $"{ns}/configmaps/good";
    }

    private async Task<(HttpStatusCode Code, JsonNode Body)> CreateAsync(byte[] body, string type = "application/json", string? encoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ConfigMaps + "?dryRun=All") { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (encoding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }

        using var response = await server.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(response.IsSuccessStatusCode ? "ConfigMap" : "Status", (string?)answer["kind"]);
        Assert.DoesNotContain("Exception", (string?)answer["message"] ?? "", StringComparison.Ordinal);
        return (response.StatusCode, answer);
    }
}
