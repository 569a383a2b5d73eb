using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Writes;

/// <summary>What is answered to a patch that makes something unfit.</summary>
public sealed class PatchFaultTests(TestServer server) : IClassFixture<TestServer>
{
    private async Task<string> OneAsync()
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"one"},"data":{"k":"v"}}""");
        return $"{ns}/configmaps/one";
    }

    [Fact]
    public async Task The_object_is_quoted_with_the_fields_sorted_that_the_patch_went_through()
    {
        var path = await OneAsync();
        var refused = await server.PatchAsync(
            path, TestServer.MergePatch, """{"metadata":{"resourceVersion":null,"uid":null,"creationTimestamp":null,"managedFields":null,"namespace":null},"data":{"b":1,"a":"<"}}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Code);
        Assert.Equal(
            """ "" is invalid: patch: Invalid value: "{\"apiVersion\":\"v1\",\"data\":{\"a\":\"\\u003c\",\"b\":1,\"k\":\"v\"},\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"one\"}}": """
            + "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
            refused.Message);
    }

    [Fact]
    public async Task A_strategic_patch_is_quoted_itself()
    {
        var path = await OneAsync();
        var wrong = await server.PatchAsync(path, TestServer.StrategicPatch, """{"data":{"k":1}}""");
        Assert.Equal(""" "" is invalid: patch: Invalid value: "map[data:map[k:1]]": cannot convert int64 to string""", wrong.Message);
        var unknown = await server.PatchAsync($"{path}?fieldValidation=Strict", TestServer.StrategicPatch, """{"metadata":{"shape":"round"},"extra":1}""");
        Assert.Equal(
            """ "" is invalid: patch: Invalid value: "map[extra:1 metadata:map[shape:round]]": strict decoding error: unknown field "extra", unknown field "metadata.shape" """.TrimEnd(),
            unknown.Message);
    }

    [Theory]
    [InlineData("2024-13-01T00:00:00.000000Z", "parsing time \"2024-13-01T00:00:00.000000Z\": month out of range")]
    [InlineData("2024-02-30T00:00:00.000000Z", "parsing time \"2024-02-30T00:00:00.000000Z\": day out of range")]
    [InlineData("2024-02-03T00:00:00+02:00", "parsing time \"2024-02-03T00:00:00+02:00\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"+02:00\" as \".000000\"")]
    [InlineData("soon", "parsing time \"soon\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"soon\" as \"2006\"")]
    [InlineData("2024-02-03T00:00:00.000000Zulu", "parsing time \"2024-02-03T00:00:00.000000Zulu\": extra text: \"ulu\"")]
    public async Task A_time_says_what_of_it_cannot_be_read(string time, string fault)
    {
        var ns = (await server.NamespaceAsync()).Replace("/api/v1", "/apis/coordination.k8s.io/v1", StringComparison.Ordinal);
        var made = await server.SendAsync(HttpMethod.Post, $"{ns}/leases", $$$"""{"metadata":{"name":"one"},"spec":{"renewTime":"{{{time}}}"}}""");
        Assert.Equal((HttpStatusCode.BadRequest, $"Lease in version \"v1\" cannot be handled as a Lease: {fault}"), (made.Code, made.Message));
    }

    [Fact]
    public async Task One_amount_and_one_moment_have_one_way_to_be_written()
    {
        var ns = await server.NamespaceAsync();
        const string limits = """{"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"one"},"spec":{"limits":[{"type":"Container","max":{"cpu":"0.5","memory":1024}}]}}""";
        var applied = await server.PatchAsync($"{ns}/limitranges/one?fieldManager=amber", TestServer.Apply, limits);
        Assert.Equal("""{"cpu":"500m","memory":"1024"}""", applied.Json["spec"]!["limits"]![0]!["max"]!.ToJsonString());
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync($"{ns}/limitranges/one?fieldManager=amber", TestServer.Apply, limits)).Code);
        var wrong = await server.PatchAsync($"{ns}/limitranges/one?fieldManager=amber", TestServer.Apply, limits.Replace("0.5", "plenty", StringComparison.Ordinal));
        Assert.Equal(
            (HttpStatusCode.InternalServerError,
                "failed to convert new object (/one; /v1, Kind=LimitRange) to proper version: unable to convert unstructured object to /v1, Kind=LimitRange: "
                + "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
            (wrong.Code, wrong.Message));
        var leases = ns.Replace("/api/v1", "/apis/coordination.k8s.io/v1", StringComparison.Ordinal);
        var lease = await server.SendAsync(HttpMethod.Post, $"{leases}/leases", """{"metadata":{"name":"one"},"spec":{"renewTime":"2024-02-03T02:00:00.500000+02:00"}}""");
        Assert.Equal("2024-02-03T00:00:00.500000Z", (string?)lease.Json["spec"]!["renewTime"]);
    }

    [Theory]
    [InlineData("""{"metadata":{"$patch":"sideways"}}""", HttpStatusCode.InternalServerError, "unknown patch type: sideways in map: map[$patch:sideways]")]
    [InlineData("""{"metadata":{"$retainKeys":"name"}}""", HttpStatusCode.BadRequest, "invalid patch format of retainKeys")]
    public async Task A_strategic_patch_that_contradicts_itself_is_a_fault_of_the_server_as_in_Kubernetes(string patch, HttpStatusCode code, string message)
    {
        var answer = await server.PatchAsync(await OneAsync(), TestServer.StrategicPatch, patch);
        Assert.Equal((code, message), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task An_empty_list_of_owners_forgets_them()
    {
        var path = await OneAsync();
        Assert.Null((await server.PatchAsync(path, TestServer.MergePatch, """{"metadata":{"managedFields":[]}}""")).Json["metadata"]!["managedFields"]);
        Assert.Null((await server.PatchAsync(path, TestServer.MergePatch, """{"data":{"more":"x"}}""")).Json["metadata"]!["managedFields"]);
    }
}
