using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Writes;

public sealed class ApplyTests(TestServer server) : IClassFixture<TestServer>
{
    private static string Configuration(string data) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {data}\n";

    private Task<Answer> ApplyAsync(string ns, string manager, string data, string more = "") =>
        server.PatchAsync($"{ns}/configmaps/a?fieldManager={manager}{more}", TestServer.Apply, Configuration(data));

    [Fact]
    public async Task Creates_then_changes_then_leaves_alone()
    {
        var ns = await server.NamespaceAsync();
        var made = await ApplyAsync(ns, "one", "{k: v}");
        Assert.Equal(HttpStatusCode.Created, made.Code);
        var same = await ApplyAsync(ns, "one", "{k: v}");
        Assert.Equal((HttpStatusCode.OK, made.Version), (same.Code, same.Version));
        Assert.Equal(made.Text, same.Text);
        var changed = await ApplyAsync(ns, "one", "{m: w}");
        Assert.Equal("""{"m":"w"}""", changed.Json["data"]!.ToJsonString());
        Assert.NotEqual(made.Version, changed.Version);
    }

    [Fact]
    public async Task Meets_other_owners_unless_forced()
    {
        var ns = await server.NamespaceAsync();
        await ApplyAsync(ns, "one", "{k: v}");
        var conflict = await ApplyAsync(ns, "two", "{k: w}");
        Assert.Equal((HttpStatusCode.Conflict, "Apply failed with 1 conflict: conflict with \"one\": .data.k"), (conflict.Code, conflict.Message));
        Assert.Equal("FieldManagerConflict", (string?)conflict.Json["details"]!["causes"]![0]!["reason"]);
        var forced = await ApplyAsync(ns, "two", "{k: w}", "&force=true");
        Assert.Equal("w", (string?)forced.Json["data"]!["k"]);
        var dry = await ApplyAsync(ns, "two", "{k: x}", "&dryRun=All");
        Assert.Equal("x", (string?)dry.Json["data"]!["k"]);
        Assert.Equal("w", (string?)(await server.GetAsync($"{ns}/configmaps/a")).Json["data"]!["k"]);
    }

    [Fact]
    public async Task Needs_a_manager_and_the_right_kind()
    {
        var ns = await server.NamespaceAsync();
        var nobody = await server.PatchAsync($"{ns}/configmaps/a", TestServer.Apply, Configuration("{}"));
        Assert.Equal("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch", nobody.Message);
        var other = await server.PatchAsync($"{ns}/configmaps/a?fieldManager=m", TestServer.Apply, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n");
        Assert.Equal(HttpStatusCode.BadRequest, other.Code);
        var broken = await server.PatchAsync($"{ns}/configmaps/a?fieldManager=m", TestServer.Apply, "a: [\n");
        Assert.Equal(HttpStatusCode.BadRequest, broken.Code);
        var unknown = await server.PatchAsync($"{ns}/configmaps/a?fieldManager=m", TestServer.Apply, Configuration("{}") + "colour: red\n");
        Assert.Equal((HttpStatusCode.InternalServerError, "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .colour: field not declared in schema"), (unknown.Code, unknown.Message));
    }

    [Fact]
    public async Task Two_that_apply_at_once_both_get_through()
    {
        var ns = await server.NamespaceAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ApplyAsync(ns, $"m{i}", $"{{k{i}: v}}")));
        Assert.All(answers, a => Assert.True(a.Code is HttpStatusCode.OK or HttpStatusCode.Created));
        Assert.Single(answers, a => a.Code == HttpStatusCode.Created);
        Assert.Equal(20, (await server.GetAsync($"{ns}/configmaps/a")).Json["data"]!.AsObject().Count);
    }
}
