using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Pods;

public sealed class PodAdmissionTests(ClusterServer server) : IClassFixture<ClusterServer>
{
    private const string Priorities = "/apis/scheduling.k8s.io/v1/priorityclasses";
    private const string Runtimes = "/apis/node.k8s.io/v1/runtimeclasses";

    [Theory]
    [InlineData("", 0, "PreemptLowerPriority")]
    [InlineData(""" "priorityClassName":"system-node-critical" """, 2000001000, "PreemptLowerPriority")]
    [InlineData(""" "priorityClassName":"modest" """, 7, "Never")]
    [InlineData(""" "priorityClassName":"modest","priority":7,"preemptionPolicy":"Never" """, 7, "Never")]
    public async Task A_pod_has_the_priority_of_its_class(string spec, int priority, string policy)
    {
        await server.PostAsync(Priorities, """{"metadata":{"name":"modest"},"value":7,"preemptionPolicy":"Never"}""");
        var made = (await server.PodAsync(await server.FurnishedAsync(), "p", spec)).Json["spec"]!;
        Assert.Equal((priority, policy), ((int?)made["priority"], (string?)made["preemptionPolicy"]));
    }

    [Theory]
    [InlineData(""" "priorityClassName":"none" """, "no PriorityClass with name none was found")]
    [InlineData(""" "priority":7 """, "the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name")]
    [InlineData(""" "preemptionPolicy":"Never" """, "the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name")]
    [InlineData(""" "runtimeClassName":"none" """, "pod rejected: RuntimeClass \"none\" not found")]
    [InlineData(""" "overhead":{"cpu":"1"} """, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")]
    [InlineData(""" "runtimeClassName":"slow","overhead":{"cpu":"1"} """, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")]
    [InlineData(""" "runtimeClassName":"slow","nodeSelector":{"disk":"fast"} """, "conflict: runtimeClass.scheduling.nodeSelector[disk] = slow; pod.spec.nodeSelector[disk] = fast")]
    public async Task What_the_classes_do_not_let_in_is_forbidden(string spec, string message)
    {
        await server.PostAsync(Runtimes, """{"metadata":{"name":"slow"},"handler":"slow","overhead":{"podFixed":{"cpu":"10m"}},"scheduling":{"nodeSelector":{"disk":"slow"}}}""");
        var refused = await server.PodAsync(await server.FurnishedAsync(), "p", spec);
        Assert.Equal((HttpStatusCode.Forbidden, $"pods \"p\" is forbidden: {message}"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_runtime_class_adds_what_it_costs_and_where_it_runs()
    {
        await server.PostAsync(Runtimes, """
            {"metadata":{"name":"vm"},"handler":"vm","overhead":{"podFixed":{"cpu":"10m"}},"scheduling":{"nodeSelector":{"vm":"yes"},"tolerations":[{"key":"vm","operator":"Exists"},{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute"}]}}
            """);
        var spec = (await server.PodAsync(await server.FurnishedAsync(), "p", """ "runtimeClassName":"vm","overhead":{"cpu":"0.01"},"nodeSelector":{"a":"b"} """)).Json["spec"]!;
        Assert.Equal("""{"a":"b","vm":"yes"}""", spec["nodeSelector"]!.ToJsonString());
        Assert.Equal("""{"cpu":"10m"}""", spec["overhead"]!.ToJsonString());
        Assert.Equal(
            ["node.kubernetes.io/unreachable", "vm", "node.kubernetes.io/not-ready"],
            spec["tolerations"]!.AsArray().Select(t => (string?)t!["key"]));
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"system-mine"},"value":1}""", "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class")]
    [InlineData("""{"metadata":{"name":"system-node-critical"},"value":1}""", "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: value of system-node-critical PriorityClass must be 2000001000")]
    [InlineData("""{"metadata":{"name":"top"},"value":1000000001,"preemptionPolicy":"Perhaps"}""", "[value: Forbidden: maximum allowed value of a user defined priority is 1000000000, preemptionPolicy: Unsupported value: \"Perhaps\": supported values: \"PreemptLowerPriority\", \"Never\"]")]
    public async Task A_priority_class_keeps_out_of_the_systems_range(string body, string message)
    {
        var refused = await server.PostAsync(Priorities, body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Code);
        Assert.Equal($"PriorityClass.scheduling.k8s.io \"{JsonNode.Parse(body)!["metadata"]!["name"]}\" is invalid: {message}", refused.Message);
    }

    [Fact]
    public async Task There_is_one_default_priority_class_and_it_counts()
    {
        await using var other = new ClusterServer();
        await other.InitializeAsync();
        Assert.Equal(HttpStatusCode.Created, (await other.PostAsync(Priorities, """{"metadata":{"name":"usual"},"value":5,"globalDefault":true}""")).Code);
        var second = await other.PostAsync(Priorities, """{"metadata":{"name":"other"},"value":6,"globalDefault":true}""");
        Assert.Equal("priorityclasses.scheduling.k8s.io \"other\" is forbidden: PriorityClass usual is already marked as default. Only one default can exist", second.Message);
        var spec = (await other.PodAsync(await other.FurnishedAsync(), "p")).Json["spec"]!;
        Assert.Equal((5, "usual"), ((int?)spec["priority"], (string?)spec["priorityClassName"]));
    }

    [Theory]
    [InlineData("", "node.kubernetes.io/not-ready 300,node.kubernetes.io/unreachable 300")]
    [InlineData(""" "tolerations":[{"operator":"Exists"}] """, " ")]
    [InlineData(""" "tolerations":[{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":5}] """, "node.kubernetes.io/unreachable 5,node.kubernetes.io/not-ready 300")]
    public async Task A_pod_has_time_to_leave_a_failing_node(string spec, string tolerations)
    {
        var made = await server.PodAsync(await server.FurnishedAsync(), "p", spec);
        Assert.Equal(tolerations, string.Join(',', made.Json["spec"]!["tolerations"]!.AsArray().Select(t => $"{t!["key"]} {t["tolerationSeconds"]}")));
    }

    [Fact]
    public async Task New_nodes_are_not_ready_and_new_volumes_protected()
    {
        var node = await server.PostAsync("/api/v1/nodes", """{"metadata":{"name":"n"}}""");
        Assert.Equal("""[{"key":"node.kubernetes.io/not-ready","effect":"NoSchedule"}]""", node.Json["spec"]!["taints"]!.ToJsonString());
        var volume = await server.PostAsync("/api/v1/persistentvolumes", """{"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/v"}}}""");
        Assert.Equal("""["kubernetes.io/pv-protection"]""", volume.Json["metadata"]!["finalizers"]!.ToJsonString());
    }

    [Fact]
    public async Task A_claim_gets_the_youngest_default_class_and_grows_only_where_that_lets_it()
    {
        await using var other = new ClusterServer();
        await other.InitializeAsync();
        var classes = "/apis/storage.k8s.io/v1/storageclasses";
        await other.PostAsync(classes, """{"metadata":{"name":"usual","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},"provisioner":"p"}""");
        var claims = $"{await other.NamespaceAsync()}/persistentvolumeclaims";
        const string Claim = """{"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""";
        var made = await other.PostAsync(claims, Claim);
        Assert.Equal("usual", (string?)made.Json["spec"]!["storageClassName"]);
        Assert.Equal("""["kubernetes.io/pvc-protection"]""", made.Json["metadata"]!["finalizers"]!.ToJsonString());
        Task<Answer> GrowAsync() => other.PatchAsync($"{claims}/c", TestServer.MergePatch, """{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}""");
        await other.PatchAsync($"{claims}/c/status", TestServer.MergePatch, """{"status":{"phase":"Bound"}}""");
        Assert.Equal("persistentvolumeclaims \"c\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize", (await GrowAsync()).Message);
        await other.PatchAsync($"{classes}/usual", TestServer.MergePatch, """{"allowVolumeExpansion":true}""");
        var grown = await GrowAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(grown.Text);
        Assert.Equal(HttpStatusCode.OK, grown.Code);
    }
}
