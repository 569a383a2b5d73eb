using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Admission;

/// <summary>Quotas as the API server charges them; nobody recounts, so that each charge is seen.</summary>
public sealed class QuotaTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Of_many_that_come_at_once_as_many_get_in_as_there_is_room_for()
    {
        var ns = await server.NamespaceAsync();
        await QuotaAsync(ns, "q", """{"count/configmaps":"10","configmaps":"12"}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", $$$"""{"metadata":{"name":"c{{{i}}}"}}""")));
        Assert.Equal(10, answers.Count(answer => answer.Code == HttpStatusCode.Created));
        Assert.Equal(30, answers.Count(answer => answer.Code == HttpStatusCode.Forbidden));
        Assert.Equal("""{"configmaps":"10","count/configmaps":"10"}""", await UsedAsync(ns, "q"));
        Assert.Equal(10, (await server.GetAsync($"{ns}/configmaps")).Names.Count());
        Assert.All(answers.Where(answer => answer.Code == HttpStatusCode.Forbidden), answer => Assert.EndsWith(
            "is forbidden: exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=10, limited: count/configmaps=10", answer.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_write_that_fails_for_another_reason_is_not_charged_and_neither_is_one_that_is_only_tried()
    {
        var ns = await server.NamespaceAsync();
        await QuotaAsync(ns, "q", """{"count/configmaps":"2"}""");
        const string Body = """{"metadata":{"name":"a"}}""";
        Assert.Equal(201, (int)(await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps?dryRun=All", Body)).Code);
        Assert.Equal(201, (int)(await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", Body)).Code);
        Assert.Equal("AlreadyExists", (await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", Body)).Reason);
        Assert.Equal("""{"count/configmaps":"1"}""", await UsedAsync(ns, "q"));
        Assert.Equal(201, (int)(await server.PatchAsync($"{ns}/configmaps/b?fieldManager=me", TestServer.Apply, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"}}""")).Code);
        Assert.Equal(200, (int)(await server.PatchAsync($"{ns}/configmaps/b", TestServer.MergePatch, """{"data":{"k":"v"}}""")).Code);
        Assert.Equal("""{"count/configmaps":"2"}""", await UsedAsync(ns, "q"));
        Assert.Equal("Forbidden", (await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps?dryRun=All", """{"metadata":{"name":"c"}}""")).Reason);
    }

    [Fact]
    public async Task A_service_is_charged_for_what_it_becomes()
    {
        var ns = await server.NamespaceAsync();
        await QuotaAsync(ns, "q", """{"services":"1","services.nodeports":"1"}""");
        Assert.Equal(201, (int)(await server.SendAsync(HttpMethod.Post, $"{ns}/services", """{"metadata":{"name":"s"},"spec":{"ports":[{"name":"a","port":80}]}}""")).Code);
        Assert.Equal("""{"services":"1","services.nodeports":"0"}""", await UsedAsync(ns, "q"));
        Assert.Equal(200, (int)(await server.PatchAsync($"{ns}/services/s", TestServer.MergePatch, """{"spec":{"type":"NodePort"}}""")).Code);
        Assert.Equal("""{"services":"1","services.nodeports":"1"}""", await UsedAsync(ns, "q"));
        var more = await server.PatchAsync($"{ns}/services/s", TestServer.MergePatch, """{"spec":{"ports":[{"name":"a","port":80},{"name":"b","port":81}]}}""");
        Assert.Equal(
            "services \"s\" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1", more.Message);
    }

    [Fact]
    public async Task All_quotas_that_apply_are_charged_or_none_is()
    {
        var ns = await server.NamespaceAsync();
        await QuotaAsync(ns, "a", """{"count/secrets":"5"}""");
        await QuotaAsync(ns, "b", """{"count/secrets":"1","count/configmaps":"0"}""");
        Assert.Equal(201, (int)(await server.SendAsync(HttpMethod.Post, $"{ns}/secrets", """{"metadata":{"name":"one"}}""")).Code);
        Assert.Equal(
            "secrets \"two\" is forbidden: exceeded quota: b, requested: count/secrets=1, used: count/secrets=1, limited: count/secrets=1",
            (await server.SendAsync(HttpMethod.Post, $"{ns}/secrets", """{"metadata":{"name":"two"}}""")).Message);
        Assert.Equal("""{"count/secrets":"1"}""", await UsedAsync(ns, "a"));
    }

    [Fact]
    public async Task A_quota_whose_use_nobody_has_counted_lets_nothing_in_and_one_without_limits_in_its_status_everything()
    {
        var ns = await server.NamespaceAsync();
        await QuotaAsync(ns, "new", """{"count/configmaps":"0"}""", counted: false);
        Assert.Equal(201, (int)(await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"a"}}""")).Code);
        await server.PatchAsync($"{ns}/resourcequotas/new/status", TestServer.MergePatch, """{"status":{"hard":{"count/configmaps":"9"}}}""");
        Assert.Equal(
            "configmaps \"b\" is forbidden: status unknown for quota: new, resources: count/configmaps",
            (await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"b"}}""")).Message);
    }

    [Theory]
    [InlineData("""[{"name":"a","image":"i"},{"name":"b","image":"i","resources":{"limits":{"memory":"1Gi"}}}]""", "failed quota: q: must specify limits.cpu for: a,b; requests.memory for: a")]
    [InlineData("""[{"name":"a","image":"i","resources":{"limits":{"cpu":"2","memory":"3Gi"}}}]""", "exceeded quota: q, requested: requests.memory=3Gi, used: requests.memory=0, limited: requests.memory=2Gi")]
    [InlineData("""[{"name":"a","image":"i","resources":{"limits":{"cpu":"2","memory":"1Gi"}}}]""", null)]
    public async Task Pods_under_a_quota_must_say_what_they_need_and_need_no_more_than_there_is(string containers, string? refusal)
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        await QuotaAsync(ns, "q", """{"limits.cpu":"3","requests.memory":"2Gi"}""");
        var made = await server.SendAsync(HttpMethod.Post, $"{ns}/pods", $$$"""{"metadata":{"name":"p"},"spec":{"containers":{{{containers}}}}}""");
        Assert.Equal(refusal is null ? null : $"pods \"p\" is forbidden: {refusal}", made.Message);
        Assert.Equal(refusal is null ? """{"limits.cpu":"2","requests.memory":"1Gi"}""" : """{"limits.cpu":"0","requests.memory":"0"}""", await UsedAsync(ns, "q"));
    }

    private async Task QuotaAsync(string ns, string name, string hard, bool counted = true)
    {
        Assert.Equal(201, (int)(await server.SendAsync(HttpMethod.Post, $"{ns}/resourcequotas", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"hard":{{{hard}}}}}""")).Code);
        if (counted)
        {
            var used = new JsonObject(JsonNode.Parse(hard)!.AsObject().Select(limit => KeyValuePair.Create(limit.Key, (JsonNode?)"0")));
            var status = await server.PatchAsync($"{ns}/resourcequotas/{name}/status", TestServer.MergePatch, $$$"""{"status":{"hard":{{{hard}}},"used":{{{used.ToJsonString()}}}}}""");
            Assert.Equal(200, (int)status.Code);
        }
    }

    private async Task<string> UsedAsync(string ns, string name) => (await server.GetAsync($"{ns}/resourcequotas/{name}")).Json["status"]!["used"]!.ToJsonString();
}
