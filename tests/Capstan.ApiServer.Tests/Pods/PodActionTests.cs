using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Pods;

/// <summary>Deletion with grace, binding, eviction, added containers, resizing and logs.</summary>
public sealed class PodActionTests(ClusterServer server) : IClassFixture<ClusterServer>
{
    private static (int, string?) Seen(Answer answer) => ((int)answer.Code, answer.Message);

    private Task<Answer> BindAsync(string ns, string pod, string node, string metadata = "") =>
        server.PostAsync($"{ns}/pods/{pod}/binding", $$$"""{"metadata":{"name":"{{{pod}}}"{{{metadata}}}},"target":{"kind":"Node","name":"{{{node}}}"}}""");

    [Fact]
    public async Task A_pod_without_a_node_is_marked_and_goes_at_once()
    {
        var ns = await server.FurnishedAsync();
        var made = await server.PodAsync(ns, "p");
        var gone = await server.SendAsync(HttpMethod.Delete, $"{ns}/pods/p");
        var metadata = gone.Json["metadata"]!;
        Assert.Equal((2, 0), ((int?)metadata["generation"], (int?)metadata["deletionGracePeriodSeconds"]));
        Assert.NotNull(metadata["deletionTimestamp"]);

        // Marked by one write, removed by the next.
        Assert.Equal(long.Parse(made.Version, System.Globalization.CultureInfo.InvariantCulture) + 2, long.Parse(gone.Version, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync($"{ns}/pods/p")).Code);
    }

    [Fact]
    public async Task A_pod_on_a_node_has_its_grace_which_may_get_shorter_and_never_longer()
    {
        var ns = await server.FurnishedAsync();
        await server.PodAsync(ns, "p", """ "nodeName":"n","terminationGracePeriodSeconds":100 """);
        async Task<int?> DeleteAsync(string query) => (int?)(await server.SendAsync(HttpMethod.Delete, $"{ns}/pods/p{query}")).Json["metadata"]?["deletionGracePeriodSeconds"];
        Assert.Equal(100, await DeleteAsync(""));
        Assert.Equal(100, await DeleteAsync("?gracePeriodSeconds=200"));
        Assert.Equal(50, await DeleteAsync("?gracePeriodSeconds=50"));
        Assert.Equal(50, await DeleteAsync(""));
        Assert.Equal(2, (int?)(await server.GetAsync($"{ns}/pods/p")).Json["metadata"]!["generation"]);
        Assert.Equal(0, await DeleteAsync("?gracePeriodSeconds=0"));
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync($"{ns}/pods/p")).Code);
    }

    [Fact]
    public async Task A_pod_is_bound_once_and_takes_over_what_the_binding_says()
    {
        var ns = await server.FurnishedAsync();
        await server.PostAsync("/api/v1/nodes", """{"metadata":{"name":"near","labels":{"topology.kubernetes.io/zone":"z1","other":"x"}}}""");
        await server.PodAsync(ns, "p", "", """ "labels":{"app":"a"} """);
        Assert.Equal((500, "target.kind: Unsupported value: \"Pod\": supported values: \"Node\", \"<empty>\""), Seen(await server.PostAsync($"{ns}/pods/p/binding", """{"metadata":{"name":"p"},"target":{"kind":"Pod","name":"n"}}""")));
        Assert.Equal((500, "target.name: Required value"), Seen(await BindAsync(ns, "p", "")));
        Assert.Equal((400, "name in URL does not match name in Binding object"), Seen(await server.PostAsync($"{ns}/pods/p/binding", """{"metadata":{"name":"q"},"target":{"name":"n"}}""")));
        Assert.Equal((201, null), Seen(await BindAsync(ns, "p", "near", ""","labels":{"from":"binding"}""")));
        var pod = (await server.GetAsync($"{ns}/pods/p")).Json;
        Assert.Equal("near", (string?)pod["spec"]!["nodeName"]);
        Assert.Equal("""{"app":"a","from":"binding","topology.kubernetes.io/zone":"z1"}""", pod["metadata"]!["labels"]!.ToJsonString());
        Assert.Equal(("PodScheduled", "True"), ((string?)pod["status"]!["conditions"]![0]!["type"], (string?)pod["status"]!["conditions"]![0]!["status"]));
        Assert.Equal((409, "Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to node \"near\""), Seen(await BindAsync(ns, "p", "far")));
        Assert.Equal((404, "pods \"nobody\" not found"), Seen(await BindAsync(ns, "nobody", "near")));
        await server.PodAsync(ns, "held", """ "schedulingGates":[{"name":"example.com/wait"}] """);
        Assert.Equal((409, "Operation cannot be fulfilled on pods/binding \"held\": pod held has non-empty .spec.schedulingGates"), Seen(await BindAsync(ns, "held", "near")));
    }

    [Fact]
    public async Task An_eviction_deletes_and_says_why_but_not_against_a_budget()
    {
        var ns = await server.FurnishedAsync();
        Task<Answer> EvictAsync(string name) => server.PostAsync($"{ns}/pods/{name}/eviction", $$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{name}}}"}}""");
        await server.PodAsync(ns, "waits");
        Assert.Equal((201, null), Seen(await EvictAsync("waits")));
        Assert.Equal((404, "pods \"waits\" not found"), Seen(await EvictAsync("waits")));

        await server.PodAsync(ns, "runs", """ "nodeName":"n" """, """ "labels":{"app":"a"} """);
        await server.PatchAsync($"{ns}/pods/runs/status", TestServer.MergePatch, """{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}""");
        var budgets = $"/apis/policy/v1{ns["/api/v1".Length..]}/poddisruptionbudgets";
        await server.PostAsync(budgets, """{"metadata":{"name":"b"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"a"}}}}""");
        var early = await EvictAsync("runs");
        Assert.Equal((429, "Cannot evict pod as it would violate the pod's disruption budget."), Seen(early));
        Assert.Equal("""[{"reason":"DisruptionBudget","message":"The disruption budget b is still being processed by the server."}]""", early.Json["details"]!["causes"]!.ToJsonString());
        Assert.Equal(10, (int?)early.Json["details"]!["retryAfterSeconds"]);

        async Task AllowAsync(int allowed) => await server.PatchAsync($"{budgets}/b/status", TestServer.MergePatch,
            $$$"""{"status":{"observedGeneration":1,"currentHealthy":1,"desiredHealthy":1,"expectedPods":1,"disruptionsAllowed":{{{allowed}}}}}""");
        await AllowAsync(0);
        Assert.Equal("The disruption budget b needs 1 healthy pods and has 1 currently", (string?)(await EvictAsync("runs")).Json["details"]!["causes"]![0]!["message"]);
        await AllowAsync(1);
        Assert.Equal((201, null), Seen(await EvictAsync("runs")));
        var pod = (await server.GetAsync($"{ns}/pods/runs")).Json;
        Assert.NotNull(pod["metadata"]!["deletionTimestamp"]);
        Assert.Contains("\"reason\":\"EvictionByEvictionAPI\"", pod["status"]!["conditions"]!.ToJsonString());
        var budget = (await server.GetAsync($"{budgets}/b")).Json["status"]!;
        Assert.Equal(0, (int?)budget["disruptionsAllowed"]);
        Assert.NotNull(budget["disruptedPods"]!["runs"]);
    }

    [Fact]
    public async Task A_container_can_be_added_to_look_into_a_pod_and_stays_as_it_is()
    {
        var ns = await server.FurnishedAsync();
        await server.PodAsync(ns, "p");
        Task<Answer> AddAsync(string container) => server.PatchAsync($"{ns}/pods/p/ephemeralcontainers", TestServer.StrategicPatch, $$$"""{"spec":{"ephemeralContainers":[{{{container}}}]}}""");
        var added = await AddAsync("""{"name":"look","image":"shell","targetContainerName":"c"}""");
        Assert.Equal(HttpStatusCode.OK, added.Code);
        Assert.Equal(2, (int?)added.Json["metadata"]!["generation"]);
        Assert.Equal("Always", (string?)added.Json["spec"]!["ephemeralContainers"]![0]!["imagePullPolicy"]);
        var changed = await AddAsync("""{"name":"look","image":"other"}""");
        Assert.Equal(422, (int)changed.Code);
        Assert.StartsWith("Pod \"p\" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers \"look\" may not be changed\n@@", changed.Message, StringComparison.Ordinal);
        Assert.Equal((422, "Pod \"p\" is invalid: [spec.ephemeralContainers[1].name: Duplicate value: \"c\", spec.ephemeralContainers[1].targetContainerName: Not found: \"nobody\"]"),
            Seen(await server.PatchAsync($"{ns}/pods/p/ephemeralcontainers", TestServer.JsonPatch,
                """[{"op":"add","path":"/spec/ephemeralContainers/-","value":{"name":"c","image":"i","targetContainerName":"nobody"}}]""")));
    }

    [Fact]
    public async Task Cpu_and_memory_can_be_resized_and_nothing_else()
    {
        var ns = await server.FurnishedAsync();
        await server.PostAsync($"{ns}/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","resources":{"requests":{"cpu":"1","memory":"1Gi"}}}]}}""");
        Task<Answer> ResizeAsync(string resources, string more = "") =>
            server.PatchAsync($"{ns}/pods/p/resize", TestServer.StrategicPatch, $$$"""{"spec":{"containers":[{"name":"c"{{{more}}},"resources":{{{resources}}}}]}}""");
        var done = await ResizeAsync("""{"requests":{"cpu":"2"}}""", ""","image":"ignored" """);
        Assert.Equal(("2", "i:1"), ((string?)done.Json["spec"]!["containers"]![0]!["resources"]!["requests"]!["cpu"], (string?)done.Json["spec"]!["containers"]![0]!["image"]));
        Assert.Equal((422, "Pod \"p\" is invalid: spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed"), Seen(await ResizeAsync("""{"requests":{"memory":null}}""")));
        Assert.Equal((422, "Pod \"p\" is invalid: spec: Forbidden: only cpu and memory resources are mutable"), Seen(await ResizeAsync("""{"requests":{"ephemeral-storage":"1Gi"}}""")));
        Assert.Equal(422, (int)(await server.PatchAsync($"{ns}/pods/p", TestServer.StrategicPatch, """{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"3"}}}]}}""")).Code);
    }

    [Theory]
    [InlineData("log", 400, "a container name must be specified for pod two, choose one of: [a b]")]
    [InlineData("log?container=nobody", 400, "container nobody is not valid for pod two")]
    [InlineData("log?container=a", 204, null)]
    [InlineData("exec?container=a&command=sh", 400, "pod two does not have a host assigned")]
    [InlineData("portforward", 400, "pod two does not have a host assigned")]
    public async Task What_is_asked_of_a_node_is_refused_before_where_it_can_be(string path, int code, string? message)
    {
        var ns = await server.FurnishedAsync();
        await server.PostAsync($"{ns}/pods", """{"metadata":{"name":"two"},"spec":{"containers":[{"name":"a","image":"i:1"},{"name":"b","image":"i:1"}]}}""");
        var answer = await server.GetAsync($"{ns}/pods/two/{path}");
        Assert.Equal((code, message), ((int)answer.Code, code == 204 ? null : answer.Message));
    }
}
