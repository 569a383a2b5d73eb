using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Admission;

/// <summary>Which requests a webhook hears of.</summary>
public sealed class RequestMatchingTests(AdmissionFixture fixture) : IClassFixture<AdmissionFixture>
{
    private readonly WebhookServer _hooks = fixture.Hooks;

    [Theory]
    [InlineData("""{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"]}""", true)]
    [InlineData("""{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*"]}""", true)]
    [InlineData("""{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*/*"]}""", true)]
    [InlineData("""{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps/*"]}""", true)]
    [InlineData("""{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"],"scope":"Namespaced"}""", true)]
    [InlineData("""{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"],"scope":"Cluster"}""", false)]
    [InlineData("""{"apiGroups":[""],"apiVersions":["v1"],"operations":["UPDATE","DELETE"],"resources":["configmaps"]}""", false)]
    [InlineData("""{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"]}""", false)]
    [InlineData("""{"apiGroups":[""],"apiVersions":["v2"],"operations":["CREATE"],"resources":["configmaps"]}""", false)]
    [InlineData("""{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps/status","secrets"]}""", false)]
    [InlineData("""{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["*/status"]}""", false)]
    public async Task A_rule_means_what_it_says(string rule, bool matches)
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.On("rule", _ => """{"allowed":false}""");
        var path = await fixture.ValidatingAsync(_hooks.Hook("rule", ns, $$"""{"rules":[{{rule}}]}"""));

        Assert.Equal(matches ? HttpStatusCode.BadRequest : HttpStatusCode.Created, (await fixture.CreateAsync(ns, "a")).Code);

        // No selector of namespaces keeps it from what is in none.
        await fixture.Api.SendAsync(HttpMethod.Delete, path);
    }

    [Fact]
    public async Task Subresources_are_asked_for_by_themselves()
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.On("status", _ => """{"allowed":true}""");
        await fixture.Api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/resourcequotas", """{"metadata":{"name":"q"},"spec":{"hard":{"pods":"1"}}}""");
        await fixture.ValidatingAsync(_hooks.Hook("status", ns, """{"rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["UPDATE"],"resources":["resourcequotas/status"]}]}"""));
        _hooks.Forget();

        await fixture.Api.PatchAsync($"/api/v1/namespaces/{ns}/resourcequotas/q", TestServer.MergePatch, """{"spec":{"hard":{"pods":"2"}}}""");
        Assert.Empty(_hooks.Seen);
        await fixture.Api.PatchAsync($"/api/v1/namespaces/{ns}/resourcequotas/q/status", TestServer.MergePatch, """{"status":{"hard":{"pods":"2"}}}""");
        var request = Assert.Single(_hooks.Seen).Review["request"]!;
        Assert.Equal(("ResourceQuota", "status", "status"), ((string?)request["kind"]!["kind"], (string?)request["subResource"], (string?)request["requestSubResource"]));
    }

    [Fact]
    public async Task The_object_selector_looks_at_the_object_as_it_was_and_as_it_is_to_be()
    {
        var ns = await fixture.NamespaceAsync();
        var one = $"/api/v1/namespaces/{ns}/configmaps/a";
        _hooks.On("selected", _ => """{"allowed":true}""");
        await fixture.ValidatingAsync(_hooks.Hook("selected", ns, """{"objectSelector":{"matchLabels":{"look":"yes"}}}"""));
        _hooks.Forget();

        await fixture.CreateAsync(ns, "a");
        Assert.Empty(_hooks.Seen);
        await fixture.Api.PatchAsync(one, TestServer.MergePatch, """{"metadata":{"labels":{"look":"yes"}}}""");
        await fixture.Api.PatchAsync(one, TestServer.MergePatch, """{"metadata":{"labels":{"look":"no"}}}""");
        await fixture.Api.SendAsync(HttpMethod.Delete, one);
        Assert.Equal(2, _hooks.Seen.Count);
    }

    [Fact]
    public async Task A_namespace_is_judged_by_the_labels_that_it_is_to_have()
    {
        var tag = await fixture.NamespaceAsync();
        _hooks.On("namespaces", _ => """{"allowed":false}""");
        await fixture.ValidatingAsync(_hooks.Hook("namespaces", tag, $$$"""{"namespaceSelector":{"matchLabels":{"tag":"{{{tag}}}"} },"rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["*"],"resources":["namespaces"],"scope":"Cluster"}]}"""));
        _hooks.Forget();

        var refused = await fixture.Api.SendAsync(HttpMethod.Post, "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{tag}}}-x","labels":{"tag":"{{{tag}}}"} } }""");
        Assert.Equal(HttpStatusCode.BadRequest, refused.Code);
        Assert.Equal($"{tag}-x", (string?)Assert.Single(_hooks.Seen).Review["request"]!["namespace"]);
        Assert.Equal(HttpStatusCode.BadRequest, (await fixture.Api.PatchAsync($"/api/v1/namespaces/{tag}", TestServer.MergePatch, $$$"""{"metadata":{"labels":{"tag":"{{{tag}}}"} } }""")).Code);
    }

    [Theory]
    [InlineData("Equivalent", true)]
    [InlineData("Exact", false)]
    public async Task Another_version_of_a_resource_counts_unless_it_must_be_exact(string policy, bool matches)
    {
        var ns = await fixture.NamespaceAsync();
        var group = $"{policy.ToLowerInvariant()}.example.com";
        await fixture.Api.SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", $$$"""
            {"metadata":{"name":"things.{{{group}}}"},"spec":{"group":"{{{group}}}","scope":"Namespaced","names":{"plural":"things","kind":"Thing"},"versions":[
              {"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } },
              {"name":"v2","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } }]}}
            """);
        _hooks.Patches("versions", """[{"op":"add","path":"/seen","value":"yes"}]""");
        await fixture.MutatingAsync(_hooks.Hook("versions", ns, $$"""{"matchPolicy":"{{policy}}","rules":[{"apiGroups":["{{group}}"],"apiVersions":["v1"],"operations":["*"],"resources":["things"]}]}"""));
        _hooks.Forget();

        var made = await fixture.Api.SendAsync(HttpMethod.Post, $"/apis/{group}/v2/namespaces/{ns}/things", $$$"""{"apiVersion":"{{{group}}}/v2","kind":"Thing","metadata":{"name":"t"} }""");

        Assert.Equal((HttpStatusCode.Created, $"{group}/v2", matches ? "yes" : null), (made.Code, (string?)made.Json["apiVersion"], (string?)made.Json["seen"]));
        if (matches)
        {
            var request = Assert.Single(_hooks.Seen).Review["request"]!;
            Assert.Equal(("v1", "v2", $"{group}/v1"), ((string?)request["kind"]!["version"], (string?)request["requestKind"]!["version"], (string?)request["object"]!["apiVersion"]));
        }
    }

    [Theory]
    [InlineData("object.metadata.name == 'a'", "Fail", 400, null)]
    [InlineData("object.metadata.name == 'b'", "Fail", 201, null)]
    [InlineData("request.operation == 'CREATE' && request.userInfo.username == 'kubernetes-admin' && oldObject == null", "Fail", 400, null)]
    [InlineData("object.data.absent == 'x'", "Ignore", 201, null)]
    [InlineData("object.data.absent == 'x'", "Fail", 403, "configmaps \"a\" is forbidden: expression 'object.data.absent == 'x'' resulted in error: no such key: data")]
    public async Task Conditions_decide_whether_it_is_asked(string expression, string policy, int code, string? message)
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.On("conditions", _ => """{"allowed":false}""");
        var conditions = new JsonObject { ["failurePolicy"] = policy, ["matchConditions"] = new JsonArray(new JsonObject { ["name"] = "c", ["expression"] = expression }) };
        await fixture.ValidatingAsync(_hooks.Hook("conditions", ns, conditions.ToJsonString()));

        var answer = await fixture.CreateAsync(ns, "a");
        Assert.Equal(code, (int)answer.Code);
        Assert.Equal(message ?? answer.Message, answer.Message);
    }

    [Fact]
    public async Task Nobody_judges_configurations_of_webhooks()
    {
        _hooks.On("all", _ => """{"allowed":false}""");
        var path = await fixture.ValidatingAsync(_hooks.Hook("all", "", """{"namespaceSelector":{},"rules":[{"apiGroups":["admissionregistration.k8s.io"],"apiVersions":["*"],"operations":["*"],"resources":["*"]}]}"""));
        Assert.Equal(HttpStatusCode.OK, (await fixture.Api.PatchAsync(path, TestServer.MergePatch, """{"metadata":{"labels":{"a":"b"}}}""")).Code);
        Assert.Equal(HttpStatusCode.OK, (await fixture.Api.SendAsync(HttpMethod.Delete, path)).Code);
    }
}
