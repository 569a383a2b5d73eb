using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Admission;

/// <summary>Webhooks that change objects, over the wire. The wording was compared with a kube-apiserver 1.36.</summary>
public sealed class MutatingWebhookTests(AdmissionFixture fixture) : IClassFixture<AdmissionFixture>
{
    private readonly WebhookServer _hooks = fixture.Hooks;

    [Fact]
    public async Task A_patch_changes_what_is_stored_and_nobody_owns_the_change()
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.Patches("adds", """[{"op":"add","path":"/data","value":{"added":"1"}}]""");
        await fixture.MutatingAsync(_hooks.Hook("adds", ns));

        var made = await fixture.CreateAsync(ns, "a");

        Assert.Equal("""{"added":"1"}""", made.Json["data"]!.ToJsonString());
        Assert.Null(made.Json["metadata"]!["managedFields"]);
        Assert.Equal(made.Text, (await fixture.Api.GetAsync($"/api/v1/namespaces/{ns}/configmaps/a")).Text);
    }

    [Fact]
    public async Task Webhooks_are_asked_in_the_order_of_their_configurations_and_see_what_those_before_made()
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.Patches("first", """[{"op":"add","path":"/data","value":{"a":"1"}}]""");
        _hooks.Patches("second", """[{"op":"test","path":"/data/a","value":"1"},{"op":"add","path":"/data/b","value":"2"}]""");
        _hooks.On("judges", r => $$"""{"allowed":{{((string?)r["object"]!["data"]!["b"] == "2" ? "true" : "false")}}}""");
        await fixture.ValidatingAsync(_hooks.Hook("judges", ns));
        await fixture.MutatingAsync(_hooks.Hook("first", ns));
        await fixture.MutatingAsync(_hooks.Hook("second", ns));

        var made = await fixture.CreateAsync(ns, "a");
        Assert.Equal((HttpStatusCode.Created, """{"a":"1","b":"2"}"""), (made.Code, made.Json["data"]?.ToJsonString()));
    }

    [Fact]
    public async Task One_that_wants_it_is_asked_again_after_a_later_change_and_only_then()
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.On("again", _ => """{"allowed":true}""");
        _hooks.On("never", _ => """{"allowed":true}""");
        _hooks.Patches("changes", """[{"op":"add","path":"/data","value":{"a":"1"}}]""");
        var ifNeeded = """{"reinvocationPolicy":"IfNeeded"}""";
        await fixture.MutatingAsync(_hooks.Hook("again", ns, ifNeeded), _hooks.Hook("never", ns), _hooks.Hook("changes", ns, ifNeeded));

        _hooks.Forget();
        await fixture.CreateAsync(ns, "a");
        Assert.Equal(["/again", "/never", "/changes", "/again"], _hooks.Seen.Select(seen => seen.Path));

        // The second time the patch changes nothing.
        _hooks.Forget();
        await fixture.Api.PatchAsync($"/api/v1/namespaces/{ns}/configmaps/a", TestServer.MergePatch, """{"metadata":{"labels":{"x":"y"}}}""");
        Assert.Equal(["/again", "/never", "/changes"], _hooks.Seen.Select(seen => seen.Path));
    }

    [Theory]
    [InlineData("create")]
    [InlineData("update")]
    [InlineData("merge")]
    [InlineData("json")]
    [InlineData("apply")]
    [InlineData("apply again")]
    public async Task Every_way_of_writing_asks(string way)
    {
        var ns = await fixture.NamespaceAsync();
        var (all, one) = ($"/api/v1/namespaces/{ns}/configmaps", $"/api/v1/namespaces/{ns}/configmaps/a");
        _hooks.Patches("marks", """[{"op":"add","path":"/immutable","value":false}]""");
        if (way is not ("create" or "apply"))
        {
            await fixture.Api.PatchAsync(one + "?fieldManager=m", TestServer.Apply, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"1"}}""");
        }

        await fixture.MutatingAsync(_hooks.Hook("marks", ns));
        var answer = way switch
        {
            "create" => await fixture.Api.SendAsync(HttpMethod.Post, all, """{"metadata":{"name":"a"}}"""),
            "update" => await fixture.Api.SendAsync(HttpMethod.Put, one, """{"metadata":{"name":"a"}}"""),
            "merge" => await fixture.Api.PatchAsync(one, TestServer.MergePatch, """{"data":{"b":"2"}}"""),
            "json" => await fixture.Api.PatchAsync(one, TestServer.JsonPatch, """[{"op":"add","path":"/data/b","value":"2"}]"""),
            _ => await fixture.Api.PatchAsync(one + "?fieldManager=m", TestServer.Apply, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"2"}}"""),
        };

        Assert.True(answer.Code is HttpStatusCode.OK or HttpStatusCode.Created, answer.Text);
        Assert.False((bool)answer.Json["immutable"]!);
    }

    [Theory]
    [InlineData("""[{"op":"remove","path":"/spec"}]""", 500, "Internal error occurred: error in remove for path: '/spec': Unable to remove nonexistent key: spec: missing value")]
    [InlineData("""[{"op":"add","path":"/metadata/x/y","value":1}]""", 500, "Internal error occurred: add operation does not apply: doc is missing path: \"/metadata/x/y\": missing value")]
    [InlineData("""[{"op":"test","path":"/metadata/name","value":"z"}]""", 500, "Internal error occurred: testing value /metadata/name failed: test failed")]
    [InlineData("""[{"op":"add","path":"/data","value":"x"}]""", 500, "Internal error occurred: json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string")]
    [InlineData("""[{"op":"replace","path":"/kind","value":"Secret"}]""", 500, "converting (v1.Secret) to (core.ConfigMap): unknown conversion")]
    [InlineData("""[{"op":"replace","path":"/apiVersion","value":"v2"}]""", 500, "Internal error occurred: no kind \"ConfigMap\" is registered for version \"v2\" in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"")]
    [InlineData("""[{"op":"replace","path":"/metadata/namespace","value":"other"}]""", 400, "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData("""[{"op":"replace","path":"","value":{}}]""", 422, "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required")]
    [InlineData("""[{"op":"add","path":"/metadata/resourceVersion","value":"5"}]""", 500, "resourceVersion should not be set on objects to be created")]
    [InlineData("""[{"op":"add","path":"/data","value":{"bad key!":"x"}}]""", 422, "ConfigMap \"a\" is invalid: data[bad key!]: Invalid value: \"bad key!\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")]
    [InlineData("{}", 500, "Internal error occurred: failed calling webhook \"wrong.example.com\": received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch")]
    public async Task A_patch_that_does_not_fit_is_told_and_nothing_is_stored(string patch, int code, string message)
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.Patches("wrong", patch);
        await fixture.MutatingAsync(_hooks.Hook("wrong", ns));

        var refused = await fixture.CreateAsync(ns, "a");

        Assert.Equal((code, message), ((int)refused.Code, refused.Message));
        Assert.Equal(HttpStatusCode.NotFound, (await fixture.Api.GetAsync($"/api/v1/namespaces/{ns}/configmaps/a")).Code);
    }

    [Fact]
    public async Task What_a_patch_adds_is_pruned_and_defaulted_as_if_a_client_had_sent_it()
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.Patches("container", """[{"op":"add","path":"/spec/containers/-","value":{"name":"side","image":"side:1","unknown":1}}]""");
        await fixture.MutatingAsync(_hooks.Hook("container", ns, """{"rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["pods"]}]}"""));
        _hooks.Forget();

        var made = await fixture.Api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"main","image":"main:1"}]}}""");

        var side = made.Json["spec"]!["containers"]![1]!;
        Assert.Equal(("IfNotPresent", (string?)null), ((string?)side["imagePullPolicy"], (string?)side["unknown"]));

        // Kubernetes' own admission comes first.
        Assert.Equal("PreemptLowerPriority", (string?)_hooks.Seen[0].Review["request"]!["object"]!["spec"]!["preemptionPolicy"]);
    }

    [Fact]
    public async Task A_broken_record_of_managers_is_put_back_with_a_warning()
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.Patches("managers", """[{"op":"replace","path":"/metadata/managedFields","value":[{"manager":"x","operation":"Foo"}]}]""");
        await fixture.MutatingAsync(_hooks.Hook("managers", ns));

        var made = await fixture.CreateAsync(ns, "a", ""","data":{"k":"v"}""");

        Assert.Equal("tests", (string?)made.Json["metadata"]!["managedFields"]![0]!["manager"]);
        Assert.EndsWith("please fix your requests: operation must be `Apply` or `Update`\"", Assert.Single(made.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deletion_can_be_refused_but_not_changed()
    {
        var ns = await fixture.NamespaceAsync();
        await fixture.CreateAsync(ns, "a");
        _hooks.Patches("deletes", """[{"op":"add","path":"/data","value":{}}]""");
        await fixture.MutatingAsync(_hooks.Hook("deletes", ns, """{"rules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["DELETE"],"resources":["*/*"]}]}"""));

        var refused = await fixture.Api.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{ns}/configmaps/a");
        Assert.Equal("Internal error occurred: admission webhook \"deletes.example.com\" attempted to modify the object, which is not supported for this operation", refused.Message);

        _hooks.On("deletes", _ => """{"allowed":false,"status":{"message":"it is needed"}}""");
        refused = await fixture.Api.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{ns}/configmaps");
        Assert.Equal("admission webhook \"deletes.example.com\" denied the request: it is needed", refused.Message);
        Assert.Equal(HttpStatusCode.OK, (await fixture.Api.GetAsync($"/api/v1/namespaces/{ns}/configmaps/a")).Code);
    }

    [Fact]
    public async Task A_Scale_is_shown_and_changed_as_a_Scale()
    {
        var ns = await fixture.NamespaceAsync();
        var deployments = $"/apis/apps/v1/namespaces/{ns}/deployments";
        await fixture.Api.SendAsync(HttpMethod.Post, deployments,
            """{"metadata":{"name":"d"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");
        _hooks.Patches("scales", """[{"op":"replace","path":"/spec/replicas","value":7}]""");
        _hooks.On("sees", _ => """{"allowed":true}""");
        var rules = """{"rules":[{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["UPDATE"],"resources":["deployments/scale"]}]}""";
        await fixture.MutatingAsync(_hooks.Hook("scales", ns, rules));
        await fixture.ValidatingAsync(_hooks.Hook("sees", ns, rules));
        _hooks.Forget();

        var scaled = await fixture.Api.PatchAsync($"{deployments}/d/scale", TestServer.MergePatch, """{"spec":{"replicas":3}}""");

        Assert.Equal(7, (int)scaled.Json["spec"]!["replicas"]!);
        var request = _hooks.Seen.Single(seen => seen.Path == "/sees").Review["request"]!;
        Assert.Equal(("Scale", "deployments", "scale"), ((string?)request["kind"]!["kind"], (string?)request["resource"]!["resource"], (string?)request["subResource"]));
        Assert.Equal((1, 7), ((int)request["oldObject"]!["spec"]!["replicas"]!, (int)request["object"]!["spec"]!["replicas"]!));
    }
}
