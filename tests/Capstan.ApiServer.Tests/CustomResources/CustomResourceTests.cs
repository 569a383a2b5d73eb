using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.CustomResources;

public class CustomResourceTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private static int s_groups;

    private static string Group() => $"g{Interlocked.Increment(ref s_groups)}.example.com";

    private static string Definition(string group, string plural = "widgets", string kind = "Widget", string schema = """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""", string more = "", string names = "") => $$$"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{{plural}}}.{{{group}}}"},
         "spec":{"group":"{{{group}}}","scope":"Namespaced","names":{"plural":"{{{plural}}}","kind":"{{{kind}}}"{{{names}}}},
                 "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{{{schema}}}}{{{more}}}}]}}
        """;

    private async Task<string> ServeAsync(string definition, string group)
    {
        var made = await server.SendAsync(HttpMethod.Post, Definitions, definition);
        Assert.Equal(HttpStatusCode.Created, made.Code);
        return $"/apis/{group}/v1";
    }

    [Fact]
    public async Task A_definition_is_completed_established_and_served()
    {
        var group = Group();
        var made = await server.SendAsync(HttpMethod.Post, Definitions, Definition(group));
        Assert.Equal(HttpStatusCode.Created, made.Code);
        Assert.Equal("widget", (string?)made.Json["spec"]!["names"]!["singular"]);
        Assert.Equal("WidgetList", (string?)made.Json["spec"]!["names"]!["listKind"]);
        Assert.Equal("""{"strategy":"None"}""", made.Json["spec"]!["conversion"]!.ToJsonString());
        Assert.Equal("""["v1"]""", made.Json["status"]!["storedVersions"]!.ToJsonString());

        var read = await server.GetAsync($"{Definitions}/widgets.{group}");
        Assert.Equal(
            [("NamesAccepted", "True", "NoConflicts"), ("Established", "True", "InitialNamesAccepted")],
            read.Json["status"]!["conditions"]!.AsArray().Select(c => ((string)c!["type"]!, (string)c["status"]!, (string)c["reason"]!)));
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync($"/apis/{group}/v1/widgets")).Code);
        Assert.Equal("widgets", (string?)(await server.GetAsync($"/apis/{group}/v1")).Json["resources"]![0]!["name"]);
    }

    [Fact]
    public async Task Objects_are_pruned_defaulted_and_validated_by_the_schema()
    {
        var group = Group();
        var ns = await server.NamespaceAsync();
        var path = await ServeAsync(Definition(group, schema: """
            {"type":"object","properties":{"spec":{"type":"object","required":["color"],"properties":{
              "color":{"type":"string","enum":["red","blue"]},"size":{"type":"integer","default":3,"minimum":1}}}}}
            """), group);
        var objects = $"{path}{ns["/api/v1".Length..]}/widgets";

        var made = await server.SendAsync(HttpMethod.Post, objects, $$$"""{"apiVersion":"{{{group}}}/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"color":"red","shape":"round"}}""");
        Assert.Equal(HttpStatusCode.Created, made.Code);
        Assert.Equal("""{"color":"red","size":3}""", made.Json["spec"]!.ToJsonString());
        Assert.Equal(["299 - \"unknown field \\\"spec.shape\\\"\""], made.Warnings);
        Assert.Equal(1, (int?)made.Json["metadata"]!["generation"]);

        var refused = await server.SendAsync(HttpMethod.Post, objects, $$$"""{"apiVersion":"{{{group}}}/v1","kind":"Widget","metadata":{"name":"b"},"spec":{"color":"green","size":0}}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Code);
        Assert.Equal(
            ["spec.color", "spec.size"],
            refused.Json["details"]!["causes"]!.AsArray().Select(c => (string)c!["field"]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Status_goes_through_its_subresource_and_moves_no_generation()
    {
        var group = Group();
        var ns = await server.NamespaceAsync();
        var path = await ServeAsync(Definition(group, more: ""","subresources":{"status":{}}"""), group);
        var objects = $"{path}{ns["/api/v1".Length..]}/widgets";
        var made = await server.SendAsync(HttpMethod.Post, objects, $$$"""{"apiVersion":"{{{group}}}/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"n":1},"status":{"phase":"x"}}""");
        Assert.Null(made.Json["status"]);

        var status = await server.PatchAsync($"{objects}/a/status", TestServer.MergePatch, """{"spec":{"n":2},"status":{"phase":"Ready"},"metadata":{"labels":{"l":"v"}}}""");
        Assert.Equal("""{"n":1}""", status.Json["spec"]!.ToJsonString());
        Assert.Equal("""{"phase":"Ready"}""", status.Json["status"]!.ToJsonString());
        Assert.Null(status.Json["metadata"]!["labels"]);
        Assert.Equal(1, (int?)status.Json["metadata"]!["generation"]);

        var spec = await server.PatchAsync($"{objects}/a", TestServer.MergePatch, """{"spec":{"n":2},"status":{"phase":"Lost"}}""");
        Assert.Equal(("""{"phase":"Ready"}""", 2), (spec.Json["status"]!.ToJsonString(), (int)spec.Json["metadata"]!["generation"]!));
    }

    [Fact]
    public async Task A_name_that_is_taken_waits_until_it_is_free()
    {
        var group = Group();
        await ServeAsync(Definition(group), group);
        await server.SendAsync(HttpMethod.Post, Definitions, Definition(group, "gadgets", "Gadget", names: ""","shortNames":["widget"]"""));
        var waiting = await server.GetAsync($"{Definitions}/gadgets.{group}");
        Assert.Contains(waiting.Json["status"]!["conditions"]!.AsArray(), c => (string?)c!["reason"] == "ShortNamesConflict" && (string?)c["message"] == "\"widget\" is already in use");
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync($"/apis/{group}/v1/gadgets")).Code);

        await server.SendAsync(HttpMethod.Delete, $"{Definitions}/widgets.{group}");
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync($"/apis/{group}/v1/gadgets")).Code);
    }

    [Fact]
    public async Task A_deleted_definition_takes_its_objects_along_and_waits_for_their_finalizers()
    {
        var group = Group();
        var ns = await server.NamespaceAsync();
        var path = await ServeAsync(Definition(group), group);
        var objects = $"{path}{ns["/api/v1".Length..]}/widgets";
        await server.SendAsync(HttpMethod.Post, objects, $$$"""{"apiVersion":"{{{group}}}/v1","kind":"Widget","metadata":{"name":"held","finalizers":["example.com/hold"]}}""");
        await server.SendAsync(HttpMethod.Post, objects, $$$"""{"apiVersion":"{{{group}}}/v1","kind":"Widget","metadata":{"name":"free"}}""");

        var deleted = await server.SendAsync(HttpMethod.Delete, $"{Definitions}/widgets.{group}");
        Assert.Equal("""["customresourcecleanup.apiextensions.k8s.io"]""", deleted.Json["metadata"]!["finalizers"]!.ToJsonString());
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync($"{objects}/free")).Code);
        Assert.NotNull((await server.GetAsync($"{objects}/held")).Json["metadata"]!["deletionTimestamp"]);
        var definition = await server.GetAsync($"{Definitions}/widgets.{group}");
        Assert.Contains(definition.Json["status"]!["conditions"]!.AsArray(), c => (string?)c!["reason"] == "InstanceDeletionInProgress");

        var late = await server.SendAsync(HttpMethod.Post, objects, $$$"""{"apiVersion":"{{{group}}}/v1","kind":"Widget","metadata":{"name":"late"}}""");
        Assert.Equal((HttpStatusCode.Forbidden, "Forbidden"), (late.Code, late.Reason));

        await server.PatchAsync($"{objects}/held", TestServer.MergePatch, """{"metadata":{"finalizers":null}}""");
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync($"{Definitions}/widgets.{group}")).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync(objects)).Code);
    }

    [Fact]
    public async Task Rules_of_a_definition_hold_for_its_objects()
    {
        var group = Group();
        var made = await server.SendAsync(HttpMethod.Post, Definitions, Definition(group, schema: """
            {"type":"object","properties":{"spec":{"type":"object","properties":{"min":{"type":"integer"},"max":{"type":"integer"},"name":{"type":"string"}},
             "x-kubernetes-validations":[{"rule":"self.min <= self.max","message":"min above max"},{"rule":"!has(oldSelf.name) || self.name == oldSelf.name","message":"name may not change"}]}}}
            """));
        Assert.Equal((HttpStatusCode.Created, 0), (made.Code, made.Warnings.Count));
        var ns = await server.NamespaceAsync();
        var objects = $"/apis/{group}/v1/namespaces/{ns.Split('/')[^1]}/widgets";
        var bad = await server.SendAsync(HttpMethod.Post, objects, $$$"""{"apiVersion":"{{{group}}}/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"min":2,"max":1}}""");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, $"Widget.{group} \"a\" is invalid: spec: Invalid value: min above max"), (bad.Code, bad.Message));
        var good = await server.SendAsync(HttpMethod.Post, objects, $$$"""{"apiVersion":"{{{group}}}/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"min":1,"max":2,"name":"n"}}""");
        Assert.Equal(HttpStatusCode.Created, good.Code);
        var renamed = await server.PatchAsync($"{objects}/a", TestServer.MergePatch, """{"spec":{"name":"m"}}""");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, $"Widget.{group} \"a\" is invalid: spec: Invalid value: name may not change"), (renamed.Code, renamed.Message));
    }

    [Fact]
    public async Task A_rule_that_may_cost_too_much_is_refused()
    {
        var made = await server.SendAsync(HttpMethod.Post, Definitions, Definition(Group(), schema: """
            {"type":"object","properties":{"spec":{"type":"object","properties":{"list":{"type":"array","items":{"type":"string"},
             "x-kubernetes-validations":[{"rule":"self.all(a, self.all(b, a == b))"}]}}}}}
            """));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, made.Code);
        Assert.Contains("estimated rule cost exceeds budget by factor of more than", made.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_does_not_compile_is_refused_with_its_place()
    {
        var made = await server.SendAsync(HttpMethod.Post, Definitions, Definition(Group(), schema: """
            {"type":"object","properties":{"spec":{"type":"object","properties":{"n":{"type":"integer"}},"x-kubernetes-validations":[{"rule":"self.n == 'one'"}]}}}
            """));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, made.Code);
        Assert.Contains("found no matching overload for '_==_' applied to '(int, string)'", made.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"group":"nodots"}""", "spec.group")]
    [InlineData("""{"scope":"Planet"}""", "spec.scope")]
    [InlineData("""{"names":{"plural":"widgets","kind":"Widget","listKind":"Widget"}}""", "spec.names.listKind")]
    [InlineData("""{"versions":[{"name":"v1","served":true,"storage":true}]}""", "spec.versions[0].schema.openAPIV3Schema")]
    [InlineData("""{"versions":[]}""", "spec.versions")]
    [InlineData("""{"conversion":{"strategy":"Webhook"}}""", "spec.conversion.webhookClientConfig")]
    public async Task Mistakes_of_a_definition_are_named(string spec, string field)
    {
        var definition = JsonNode.Parse(Definition(Group()))!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(spec)!.AsObject())
        {
            definition["spec"]![name] = value?.DeepClone();
        }

        var refused = await server.SendAsync(HttpMethod.Post, Definitions, definition.ToJsonString());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Code);
        Assert.Contains(field, refused.Json["details"]!["causes"]!.AsArray().Select(c => (string?)c!["field"]));
    }

    [Fact]
    public async Task What_identifies_an_established_definition_stays()
    {
        var group = Group();
        await ServeAsync(Definition(group), group);
        foreach (var (patch, field) in ((string, string)[])
        [
            ("""{"spec":{"scope":"Cluster"}}""", "spec.scope"), ("""{"spec":{"names":{"kind":"Ladle"}}}""", "spec.names.kind"), ("""{"spec":{"group":"other.example.com"}}""", "spec.group"),
        ])
        {
            var refused = await server.PatchAsync($"{Definitions}/widgets.{group}", TestServer.MergePatch, patch);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Code);
            Assert.Equal(field, (string?)refused.Json["details"]!["causes"]![0]!["field"]);
        }
    }
}
