using System.Text;
using System.Text.Json.Nodes;
using Capstan.Applying;
using Capstan.Runtime.Tests.Scripted;
using Xunit;

namespace Capstan.Runtime.Tests.Applying;

/// <summary>Server-side apply against whole servers, ours and a real kube-apiserver, and when it is left out.</summary>
public sealed class ApplierTests
{
    private static readonly ResourceType Services = new("", "v1", "Service", "services", true);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task An_apply_of_the_same_is_left_out_as_long_as_the_object_is_as_it_was_left(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var (applier, sent) = (new Applier(server.Client, "test"), 0);
        server.Client.Written += (_, _) => sent++;
        var live = await ApplyAsync("1", null);
        Assert.Equal(1, sent);
        Assert.Null(await ApplyAsync("1", live));
        Assert.Equal(1, sent);

        // Another wish, another's change, another object: none is left out.
        live = Assert.IsType<DynamicObject>(await ApplyAsync("2", live));
        await server.Client.PatchAsync<ConfigMap>(Key(server), PatchType.Merge, """{"data":{"v":"theirs"}}"""u8.ToArray(), new() { FieldManager = "other" }, Cancel);
        live = await server.Client.GetAsync(ConfigMap.Resource, Key(server), Cancel);
        live = Assert.IsType<DynamicObject>(await ApplyAsync("2", live));
        Assert.Equal("2", live.To<ConfigMap>().Data!["v"]);
        await server.Client.DeleteAsync<ConfigMap>(Key(server), null, Cancel);
        Assert.NotNull(await ApplyAsync("2", null));
        var remade = await server.Client.GetAsync(ConfigMap.Resource, Key(server), Cancel);
        Assert.NotEqual(live.Uid, remade.Uid);
        Assert.NotNull(await ApplyAsync("2", live));
        Assert.Null(await ApplyAsync("2", remade));

        // An apply that changed nothing is no new version, and so no event either.
        var again = await applier.ApplyAsync(ConfigMap.Resource, Wanted(server, "2"), Cancel);
        Assert.Equal(remade.ResourceVersion, again.ResourceVersion);
        applier.Forget(ConfigMap.Resource, Key(server));
        Assert.NotNull(await ApplyAsync("2", remade));

        Task<DynamicObject?> ApplyAsync(string value, DynamicObject? seen) => applier.ApplyAsync(ConfigMap.Resource, Wanted(server, value), seen, Cancel);
    }

    [Fact]
    public async Task A_fingerprint_leaves_out_applies_after_changes_that_do_not_matter()
    {
        await using var server = await AnyServer.ConnectAsync(AnyServer.Embedded);
        var applier = new Applier(server.Client, "test", versionOf: live => live.ToJson()["data"]!.ToJsonString());
        await applier.ApplyAsync(ConfigMap.Resource, Wanted(server, "1"), Cancel);
        await server.Client.PatchAsync<ConfigMap>(Key(server), PatchType.Merge, """{"metadata":{"labels":{"a":"b"}}}"""u8.ToArray(), null, Cancel);
        var live = await server.Client.GetAsync(ConfigMap.Resource, Key(server), Cancel);
        Assert.Null(await applier.ApplyAsync(ConfigMap.Resource, Wanted(server, "1"), live, Cancel));
        await server.Client.PatchAsync<ConfigMap>(Key(server), PatchType.Merge, """{"data":{"v":"theirs"}}"""u8.ToArray(), null, Cancel);
        live = await server.Client.GetAsync(ConfigMap.Resource, Key(server), Cancel);
        Assert.NotNull(await applier.ApplyAsync(ConfigMap.Resource, Wanted(server, "1"), live, Cancel));
    }

    [Fact]
    public async Task What_may_or_may_not_have_been_taken_is_applied_again()
    {
        await using var server = new ScriptedApiServer();
        using var client = server.Connect();
        var applier = new Applier(client, "test");
        var live = new LiveVersion("uid-a", "5");
        var wanted = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a", ["namespace"] = "default" } };
        var applying = applier.ApplyAsync(ConfigMap.Resource, wanted, live, Cancel);
        await (await server.NextAsync()).AnswerAsync(WireText.Object("a", 5));
        await applying;
        var forced = applier.ApplyAsync(ConfigMap.Resource, wanted, Cancel);
        (await server.NextAsync()).Cut();
        await Assert.ThrowsAsync<HttpRequestException>(() => forced);
        applying = applier.ApplyAsync(ConfigMap.Resource, wanted, live, Cancel);
        await (await server.NextAsync()).AnswerAsync(WireText.Object("a", 5));
        Assert.NotNull(await applying);
        Assert.Null(await applier.ApplyAsync(ConfigMap.Resource, wanted, live, Cancel));
    }

    [Fact]
    public async Task Trap40_the_body_says_its_kind_and_no_managedFields_whatever_it_was_made_of()
    {
        await using var server = new ScriptedApiServer();
        using var client = server.Connect();
        var wanted = JsonNode.Parse("""{"kind":"Old","metadata":{"name":"a","managedFields":[{"manager":"m"}],"namespace":"default","labels":null},"data":{"managedFields":"x"}}""")!.AsObject();
        var applying = new Applier(client, "test").ApplyAsync(ConfigMap.Resource, wanted, Cancel);
        var request = await server.NextAsync();
        Assert.Equal("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default","labels":null},"data":{"managedFields":"x"}}""", request.Body);
        Assert.Equal(("test", "true"), (request.Query["fieldManager"], request.Query["force"]));
        await request.AnswerAsync(WireText.Object("a", 5));
        var typed = (await applying).To<ConfigMap>();
        Assert.True(typed.Metadata.UnknownFields!.ContainsKey("managedFields"));
        var again = new Applier(client, "test").ApplyAsync(typed, Cancel);
        request = await server.NextAsync();
        Assert.DoesNotContain("managedFields", request.Body, StringComparison.Ordinal);
        await request.AnswerAsync(WireText.Object("a", 5));
        await again;
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Trap40_lists_without_keys_are_replaced_and_a_key_twice_is_refused(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var applier = new Applier(server.Client, "test");
        var service = Service("""[{"port":80,"protocol":"TCP","name":"a"},{"port":81,"protocol":"TCP","name":"b"}]""");
        service["spec"]!["loadBalancerSourceRanges"] = new JsonArray("10.0.0.0/8", "11.0.0.0/8");
        service["spec"]!["type"] = "LoadBalancer";
        await applier.ApplyAsync(Services, service, Cancel);
        service["spec"]!["loadBalancerSourceRanges"] = new JsonArray("12.0.0.0/8");
        service["spec"]!["ports"]!.AsArray().RemoveAt(0);
        var stored = (await applier.ApplyAsync(Services, service, Cancel)).ToJson();
        Assert.Equal("12.0.0.0/8", (string?)Assert.Single(stored["spec"]!["loadBalancerSourceRanges"]!.AsArray()));
        Assert.Equal("b", (string?)Assert.Single(stored["spec"]!["ports"]!.AsArray())!["name"]);
        var twice = Service("""[{"port":80,"protocol":"TCP","name":"a"},{"port":80,"protocol":"TCP","name":"b"}]""");
        var error = await Assert.ThrowsAsync<ApiException>(() => applier.ApplyAsync(Services, twice, Cancel));
        TestContext.Current.TestOutputHelper!.WriteLine(error.Message);
        Assert.Contains("duplicate", error.Message, StringComparison.Ordinal);

        JsonObject Service(string ports) => JsonNode.Parse($$$"""{"metadata":{"name":"s","namespace":"{{{server.Namespace}}}"},"spec":{"ports":{{{ports}}} } }""")!.AsObject();
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Trap40_a_version_in_the_body_is_a_lock(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var applier = new Applier(server.Client, "test");
        var first = await applier.ApplyAsync(ConfigMap.Resource, Wanted(server, "1"), Cancel);
        await applier.ApplyAsync(ConfigMap.Resource, Wanted(server, "2"), Cancel);
        var locked = Wanted(server, "3");
        locked["metadata"]!["resourceVersion"] = first.ResourceVersion;
        var error = await Assert.ThrowsAsync<ApiException>(() => applier.ApplyAsync(ConfigMap.Resource, locked, Cancel));
        Assert.True(error.IsConflict, error.Message);
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Trap40_what_a_former_program_set_by_updates_is_taken_over_and_then_goes_by_omission(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var map = new ConfigMap { Metadata = new() { Name = "a", Namespace = server.Namespace }, Data = new() { ["v"] = "1", ["old"] = "x" } };
        await server.Client.CreateAsync(map, new() { FieldManager = "former" }, Cancel);
        await server.Client.PatchAsync<ConfigMap>(Key(server), PatchType.Merge, """{"data":{"older":"y"}}"""u8.ToArray(), new() { FieldManager = "before" }, Cancel);
        await server.Client.PatchAsync<ConfigMap>(Key(server), PatchType.Merge, """{"data":{"theirs":"z"}}"""u8.ToArray(), new() { FieldManager = "other" }, Cancel);
        var applier = new Applier(server.Client, "test");
        Assert.True(await applier.TakeOverAsync(ConfigMap.Resource, Key(server), ["former", "before"], Cancel));
        Assert.False(await applier.TakeOverAsync(ConfigMap.Resource, Key(server), ["former", "before"], Cancel));
        var stored = await applier.ApplyAsync(ConfigMap.Resource, Wanted(server, "1"), Cancel);
        Assert.Equal(["theirs", "v"], stored.To<ConfigMap>().Data!.Keys.Order());
        Assert.DoesNotContain("\"former\"", Encoding.UTF8.GetString(stored.Json.Span), StringComparison.Ordinal);
    }

    private static ObjectKey Key(AnyServer server) => new(server.Namespace, "a");

    private static JsonObject Wanted(AnyServer server, string value) =>
        new() { ["metadata"] = new JsonObject { ["name"] = "a", ["namespace"] = server.Namespace }, ["data"] = new JsonObject { ["v"] = value } };
}
