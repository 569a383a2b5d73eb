using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Writes;

public sealed class DeleteTests(TestServer server) : IClassFixture<TestServer>
{
    private async Task<(string Path, Answer Made)> OneAsync(string finalizers = "")
    {
        var ns = await server.NamespaceAsync();
        return ($"{ns}/configmaps/a", await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", $$$"""{"metadata":{"name":"a","finalizers":[{{{finalizers}}}]}}"""));
    }

    [Fact]
    public async Task Answers_a_status_and_is_gone()
    {
        var (path, made) = await OneAsync();
        var deleted = await server.SendAsync(HttpMethod.Delete, path);
        Assert.Equal(("Success", (string?)made.Json["metadata"]!["uid"]), ((string?)deleted.Json["status"], (string?)deleted.Json["details"]!["uid"]));
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync(path)).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Delete, path)).Code);
    }

    [Fact]
    public async Task Finalizers_hold_it_until_the_last_is_removed()
    {
        var (path, _) = await OneAsync("\"a.test/x\",\"a.test/y\"");
        var marked = await server.SendAsync(HttpMethod.Delete, path);
        Assert.NotNull(marked.Json["metadata"]!["deletionTimestamp"]);
        var again = await server.SendAsync(HttpMethod.Delete, path);
        Assert.Equal(marked.Version, again.Version);
        var added = await server.PatchAsync(path, TestServer.MergePatch, """{"metadata":{"finalizers":["a.test/x","a.test/y","a.test/z"]}}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, added.Code);
        var still = await server.PatchAsync(path, TestServer.MergePatch, """{"metadata":{"deletionTimestamp":null,"deletionGracePeriodSeconds":null}}""");
        Assert.Equal(marked.Version, still.Version);
        await server.PatchAsync(path, TestServer.MergePatch, """{"metadata":{"finalizers":["a.test/y"]}}""");
        var taken = await server.SendAsync(HttpMethod.Post, path[..path.LastIndexOf('/')], """{"metadata":{"name":"a"}}""");
        Assert.Equal((HttpStatusCode.Conflict, "object is being deleted: configmaps \"a\" already exists"), (taken.Code, taken.Message));
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(path)).Code);
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync(path, TestServer.MergePatch, """{"metadata":{"finalizers":[]}}""")).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync(path)).Code);
    }

    [Theory]
    [InlineData("Foreground", "foregroundDeletion")]
    [InlineData("Orphan", "orphan")]
    public async Task The_collector_gets_its_orders_as_finalizers(string policy, string finalizer)
    {
        var (path, _) = await OneAsync();
        var marked = await server.SendAsync(HttpMethod.Delete, path, $$"""{"propagationPolicy":"{{policy}}"}""");
        Assert.Equal([finalizer], marked.Json["metadata"]!["finalizers"]!.AsArray().Select(f => (string?)f));
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(path)).Code);
    }

    [Theory]
    [InlineData("""{"orphanDependents":false}""", 202)]
    [InlineData("""{"orphanDependents":true}""", 200)]
    [InlineData("""{"propagationPolicy":"Background"}""", 200)]
    [InlineData("{}", 200)]
    public async Task Only_who_asks_in_the_old_way_hears_that_it_is_accepted_and_not_done(string options, int code)
    {
        var (path, _) = await OneAsync("\"a.test/x\"");
        Assert.Equal(code, (int)(await server.SendAsync(HttpMethod.Delete, path, options)).Code);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(path)).Code);
        var (free, _) = await OneAsync();
        Assert.Equal(200, (int)(await server.SendAsync(HttpMethod.Delete, free + "?orphanDependents=false")).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync(free)).Code);
    }

    [Fact]
    public async Task A_pod_that_is_given_time_is_accepted_too()
    {
        var ns = await server.NamespaceAsync();
        var pod = """{"metadata":{"name":"p"},"spec":{"nodeName":"n","containers":[{"name":"c","image":"i"}]}}""";
        Assert.Equal(HttpStatusCode.Created, (await server.SendAsync(HttpMethod.Post, $"{ns}/pods", pod)).Code);
        Assert.Equal(HttpStatusCode.Accepted, (await server.SendAsync(HttpMethod.Delete, $"{ns}/pods/p?orphanDependents=false")).Code);
        Assert.Equal(HttpStatusCode.Accepted, (await server.SendAsync(HttpMethod.Delete, $"{ns}/pods/p", """{"orphanDependents":false}""")).Code);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Delete, $"{ns}/pods/p", """{"orphanDependents":false,"gracePeriodSeconds":0}""")).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync($"{ns}/pods/p")).Code);
    }

    [Fact]
    public async Task Preconditions_guard_it()
    {
        var (path, made) = await OneAsync();
        Assert.Equal(HttpStatusCode.Conflict, (await server.SendAsync(HttpMethod.Delete, path, """{"preconditions":{"uid":"another"}}""")).Code);
        Assert.Equal(HttpStatusCode.Conflict, (await server.SendAsync(HttpMethod.Delete, path, """{"preconditions":{"resourceVersion":"1"}}""")).Code);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Delete, path, """{"dryRun":["All"]}""")).Code);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(path)).Code);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Delete, path, $$$"""{"preconditions":{"resourceVersion":"{{{made.Version}}}"}}""")).Code);
    }

    [Theory]
    [InlineData("""{"propagationPolicy":"Sideways"}""", 422)]
    [InlineData("""{"propagationPolicy":"Orphan","orphanDependents":true}""", 422)]
    [InlineData("""{"dryRun":["Some"]}""", 422)]
    [InlineData("""{"gracePeriodSeconds":"5"}""", 400)]
    [InlineData("""{"kind":"ConfigMap"}""", 400)]
    [InlineData("{", 400)]
    public async Task Options_that_make_no_sense_delete_nothing(string options, int code)
    {
        var (path, _) = await OneAsync();
        Assert.Equal(code, (int)(await server.SendAsync(HttpMethod.Delete, path, options)).Code);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(path)).Code);
    }

    [Fact]
    public async Task A_collection_goes_by_selector()
    {
        var ns = await server.NamespaceAsync();
        foreach (var (name, label) in ((string, string)[])[("a", "x"), ("b", "y"), ("c", "x")])
        {
            await server.SendAsync(HttpMethod.Post, $"{ns}/secrets", $$$$"""{"metadata":{"name":"{{{{name}}}}","labels":{"l":"{{{{label}}}}"}}}""");
        }

        Assert.Equal(["a", "c"], (await server.SendAsync(HttpMethod.Delete, $"{ns}/secrets?labelSelector=l%3Dx&dryRun=All")).Names);
        Assert.Equal(["a", "c"], (await server.SendAsync(HttpMethod.Delete, $"{ns}/secrets?labelSelector=l%3Dx")).Names);
        Assert.Equal(["b"], (await server.GetAsync($"{ns}/secrets")).Names);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.SendAsync(HttpMethod.Delete, "/api/v1/namespaces")).Code);
    }

    [Fact]
    public async Task A_namespace_goes_when_it_is_finalized_and_takes_nothing_new_meanwhile()
    {
        var ns = await server.NamespaceAsync();
        var name = ns.Split('/')[^1];
        var deleted = await server.SendAsync(HttpMethod.Delete, ns);
        Assert.Equal("Terminating", (string?)deleted.Json["status"]!["phase"]);
        var late = await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"late"}}""");
        Assert.Equal(
            (HttpStatusCode.Forbidden, $"configmaps \"late\" is forbidden: unable to create new content in namespace {name} because it is being terminated"),
            (late.Code, late.Message));
        var finalized = await server.SendAsync(HttpMethod.Put, $"{ns}/finalize", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"finalizers":[]}}""");
        Assert.Equal(HttpStatusCode.OK, finalized.Code);
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync(ns)).Code);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/kube-system")).Code);
    }
}
