using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Admission;

/// <summary>Objects that are sent to be carried out and are not stored: bindings, evictions, requests for tokens, reviews. Compared with a kube-apiserver 1.36.</summary>
public sealed class SentObjectTests(AdmissionFixture fixture) : IClassFixture<AdmissionFixture>
{
    private const string Pod = """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}""";

    private readonly WebhookServer _hooks = fixture.Hooks;

    private static string Rules(string group, string resource) =>
        $$$"""{"rules":[{"operations":["*"],"apiGroups":["{{{group}}}"],"apiVersions":["v1"],"resources":["{{{resource}}}"]}]}""";

    private async Task<string> FurnishedAsync()
    {
        var ns = await fixture.NamespaceAsync();
        Assert.Equal(HttpStatusCode.Created, (await fixture.Api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", Pod)).Code);
        await fixture.Api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts", """{"metadata":{"name":"robot"}}""");
        return ns;
    }

    [Theory]
    [InlineData("", "pods/binding", "pods/p/binding", """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"n"}}""", "v1 Binding", "p")]
    [InlineData("", "bindings", "bindings", """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"n"}}""", "v1 Binding", "p")]
    [InlineData("", "pods/eviction", "pods/p/eviction", """{"metadata":{"name":"p"}}""", "policy/v1 Eviction", "p")]
    [InlineData("", "serviceaccounts/token", "serviceaccounts/robot/token", """{"spec":{"audiences":["a"]}}""", "authentication.k8s.io/v1 TokenRequest", "robot")]
    [InlineData("authorization.k8s.io", "localsubjectaccessreviews", "localsubjectaccessreviews", """{"metadata":{"namespace":"NS"},"spec":{"user":"u","resourceAttributes":{"namespace":"NS","verb":"get","resource":"pods"}}}""", "authorization.k8s.io/v1 LocalSubjectAccessReview", "")]
    public async Task Webhooks_see_them_and_may_refuse(string group, string resource, string path, string body, string kind, string name)
    {
        var ns = await FurnishedAsync();
        var path1 = $"{(group.Length == 0 ? "/api/v1" : $"/apis/{group}/v1")}/namespaces/{ns}/{path}";
        _hooks.On("look", _ => """{"allowed":true}""");
        _hooks.On("no", _ => """{"allowed":false,"status":{"message":"not here"}}""");
        var looking = await fixture.MutatingAsync(_hooks.Hook("look", ns, Rules(group, resource)));
        var refusing = await fixture.ValidatingAsync(_hooks.Hook("no", ns, Rules(group, resource)));
        _hooks.Forget();

        var refused = await fixture.Api.SendAsync(HttpMethod.Post, path1, body.Replace("NS", ns, StringComparison.Ordinal));
        Assert.Equal("""admission webhook "no.example.com" denied the request: not here""", refused.Message);
        var request = _hooks.Seen[0].Review["request"]!;
        var object1 = request["object"]!;
        Assert.Equal((kind, "CREATE", name), ($"{object1["apiVersion"]} {object1["kind"]}", (string?)request["operation"], (string?)request["name"] ?? ""));
        Assert.Equal(resource, $"{request["resource"]!["resource"]}{(request["subResource"] is { } sub ? "/" + sub : "")}");
        Assert.Equal("CreateOptions", (string?)request["options"]!["kind"]);
        Assert.Null(request["oldObject"]);
        if (resource == "serviceaccounts/token")
        {
            Assert.Equal("", (string?)object1["status"]!["token"]);
        }

        // Nothing came of it.
        var pod = (await fixture.Api.GetAsync($"/api/v1/namespaces/{ns}/pods/p")).Json;
        Assert.Null(pod["spec"]!["nodeName"]);
        Assert.Null(pod["metadata"]!["deletionTimestamp"]);
        await fixture.Api.SendAsync(HttpMethod.Delete, refusing);
        var done = await fixture.Api.SendAsync(HttpMethod.Post, path1, body.Replace("NS", ns, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Created, done.Code);
        await fixture.Api.SendAsync(HttpMethod.Delete, looking);
    }

    [Fact]
    public async Task What_a_webhook_makes_of_them_is_carried_out()
    {
        var ns = await FurnishedAsync();
        _hooks.Patches("elsewhere", """[{"op":"replace","path":"/target/name","value":"other"}]""");
        _hooks.Patches("longer", """[{"op":"replace","path":"/spec/expirationSeconds","value":7200}]""");
        var one = await fixture.MutatingAsync(_hooks.Hook("elsewhere", ns, Rules("", "pods/binding")));
        var two = await fixture.MutatingAsync(_hooks.Hook("longer", ns, Rules("", "serviceaccounts/token")));
        await fixture.Api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods/p/binding", """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"n"}}""");
        Assert.Equal("other", (string?)(await fixture.Api.GetAsync($"/api/v1/namespaces/{ns}/pods/p")).Json["spec"]!["nodeName"]);
        var token = await fixture.Api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts/robot/token", """{"spec":{"expirationSeconds":600}}""");
        Assert.Equal(7200, (int?)token.Json["spec"]!["expirationSeconds"]);
        await fixture.Api.SendAsync(HttpMethod.Delete, one);
        await fixture.Api.SendAsync(HttpMethod.Delete, two);
    }

    [Fact]
    public async Task An_eviction_is_no_deletion_to_them()
    {
        var ns = await FurnishedAsync();
        _hooks.On("no", _ => """{"allowed":false}""");
        var refusing = await fixture.ValidatingAsync(_hooks.Hook("no", ns, Rules("", "pods")));
        Assert.Equal(HttpStatusCode.BadRequest, (await fixture.Api.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{ns}/pods/p")).Code);
        Assert.Equal(HttpStatusCode.Created, (await fixture.Api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods/p/eviction", """{"metadata":{"name":"p"}}""")).Code);
        await fixture.Api.SendAsync(HttpMethod.Delete, refusing);
    }

    [Fact]
    public async Task Policies_judge_evictions_and_no_reviews()
    {
        var ns = await FurnishedAsync();
        var name = $"p-{ns}";
        await fixture.Api.SendAsync(HttpMethod.Post, $"{AdmissionFixture.Registration}/validatingadmissionpolicies", $$$$"""
            {"metadata":{"name":"{{{{name}}}}"},"spec":{"matchConstraints":{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"{{{{ns}}}}"}},"resourceRules":[
              {"apiGroups":["","authorization.k8s.io"],"apiVersions":["v1"],"operations":["*"],"resources":["pods/eviction","localsubjectaccessreviews"]}]},
             "validations":[{"expression":"object.kind != 'Eviction' && object.kind != 'LocalSubjectAccessReview'","message":"no"}]}}
            """);
        var bound = await fixture.Api.SendAsync(HttpMethod.Post, $"{AdmissionFixture.Registration}/validatingadmissionpolicybindings", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"policyName":"{{{name}}}","validationActions":["Deny"]}}""");
        Assert.Equal(HttpStatusCode.Created, bound.Code);
        var refused = await fixture.Api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods/p/eviction", """{"metadata":{"name":"p"}}""");
        Assert.Contains("denied request: no", refused.Message, StringComparison.Ordinal);
        var review = await fixture.Api.SendAsync(HttpMethod.Post, $"/apis/authorization.k8s.io/v1/namespaces/{ns}/localsubjectaccessreviews", $$$$"""
            {"metadata":{"namespace":"{{{{ns}}}}"},"spec":{"user":"u","resourceAttributes":{"namespace":"{{{{ns}}}}","verb":"get","resource":"pods"}}}
            """);
        Assert.Equal(HttpStatusCode.Created, review.Code);
        await fixture.Api.SendAsync(HttpMethod.Delete, $"{AdmissionFixture.Registration}/validatingadmissionpolicybindings/{name}");
    }
}
