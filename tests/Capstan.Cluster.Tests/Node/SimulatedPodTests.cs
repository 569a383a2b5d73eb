using System.Text.Json.Nodes;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Node;

public sealed class SimulatedPodTests
{
    private const string Web = "{terminationGracePeriodSeconds: 5, containers: [{name: web, image: 'web:1'}]}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pod_is_bound_becomes_ready_and_its_status_is_a_kubelets()
    {
        await using var node = await NodeFixture.StartAsync();
        await node.RunAsync("web", "{containers: [{name: web, image: 'web:1', resources: {requests: {cpu: 100m}}}]}");
        var pod = await node.SeeReadyAsync("web");
        Assert.Equal("capstan-local", (string?)pod["spec"]!["nodeName"]);
        var status = pod["status"]!.AsObject();
        Assert.Equal(
            ["ContainersReady=True", "Initialized=True", "PodReadyToStartContainers=True", "PodScheduled=True", "Ready=True"],
            status["conditions"]!.AsArray().Select(condition => $"{condition!["type"]}={condition["status"]}").Order());
        Assert.Equal("Running", (string?)status["phase"]);
        Assert.Equal("Burstable", (string?)status["qosClass"]);
        Assert.Equal("127.0.0.1", (string?)status["hostIP"]);
        Assert.StartsWith("127.1", (string?)status["podIP"], StringComparison.Ordinal);
        Assert.Equal((string?)status["podIP"], (string?)status["podIPs"]![0]!["ip"]);
        var container = NodeFixture.Container(pod, "web");
        Assert.True((bool)container["ready"]! && (bool)container["started"]!, container.ToJsonString());
        Assert.Equal(0, (int)container["restartCount"]!);
        Assert.StartsWith("capstan://", (string?)container["containerID"], StringComparison.Ordinal);
        Assert.NotNull(container["state"]!["running"]!["startedAt"]);
        Assert.Equal("100m", (string?)container["allocatedResources"]!["cpu"]);
        var manager = pod["metadata"]!["managedFields"]!.AsArray().Single(field => (string?)field!["subresource"] == "status")!;
        Assert.Equal(("kubelet", "Update"), ((string?)manager["manager"], (string?)manager["operation"]));
        var scheduled = await node.SeeEventAsync("web", "Scheduled");
        Assert.Equal("Successfully assigned shop/web to capstan-local", (string?)scheduled["message"]);
        var started = await node.SeeEventAsync("web", "Started");
        Assert.Equal("spec.containers{web}", (string?)started["involvedObject"]!["fieldPath"]);
    }

    [Fact]
    public async Task A_pod_that_no_selector_lets_here_stays_pending_until_the_node_has_the_label()
    {
        await using var node = await NodeFixture.StartAsync();
        await node.RunAsync("choosy", "{nodeSelector: {disk: fast}, containers: [{name: web, image: 'web:1'}]}");
        var refused = await node.SeeEventAsync("choosy", "FailedScheduling");
        Assert.Contains("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector", (string?)refused["message"], StringComparison.Ordinal);
        var pod = await node.SeePhaseAsync("choosy", "Pending");
        Assert.Equal("False", NodeFixture.Condition(pod, "PodScheduled"));
        await node.ApplyAsync("{apiVersion: v1, kind: Node, metadata: {name: capstan-local, labels: {disk: fast}}}");
        await node.SeeReadyAsync("choosy");
    }

    [Fact]
    public async Task A_jobs_pod_ends_succeeded_after_a_moment_and_one_that_fails_is_failed()
    {
        await using var node = await NodeFixture.StartAsync();
        await node.RunAsync("fine", "{restartPolicy: Never, containers: [{name: work, image: 'work:1'}]}");
        await node.RunAsync("broken", "{restartPolicy: Never, containers: [{name: work, image: 'work:1'}]}", "{simulate.capstan.dev/exit-code: '3'}");
        var fine = await node.SeePhaseAsync("fine", "Succeeded");
        Assert.Equal("Completed", (string?)NodeFixture.Container(fine, "work")["state"]!["terminated"]!["reason"]);
        Assert.Equal("PodCompleted", (string?)fine["status"]!["conditions"]!.AsArray().First(condition => (string?)condition!["type"] == "Ready")!["reason"]);
        var broken = await node.SeePhaseAsync("broken", "Failed");
        Assert.Equal(3, (int)NodeFixture.Container(broken, "work")["state"]!["terminated"]!["exitCode"]!);
    }

    [Fact]
    public async Task A_container_that_ends_is_started_again_at_once_and_then_backs_off()
    {
        await using var node = await NodeFixture.StartAsync();
        await node.RunAsync("crashes", Web, "{simulate.capstan.dev/exit-code: '1', simulate.capstan.dev/run-for: 50ms}");
        var pod = await node.SeeAsync("crashes", "to back off", found => (string?)NodeFixture.Container(found, "web")["state"]?["waiting"]?["reason"] == "CrashLoopBackOff");
        var container = NodeFixture.Container(pod, "web");
        Assert.Equal(1, (int)container["restartCount"]!);
        Assert.Equal(1, (int)container["lastState"]!["terminated"]!["exitCode"]!);
        Assert.StartsWith("back-off 10s restarting failed container=web pod=crashes_shop(", (string?)container["state"]!["waiting"]!["message"], StringComparison.Ordinal);
        Assert.Equal("Running", (string?)pod["status"]!["phase"]);
        Assert.Equal("False", NodeFixture.Condition(pod, "Ready"));
    }

    [Fact]
    public async Task Readiness_follows_the_annotation_while_the_pod_runs()
    {
        await using var node = await NodeFixture.StartAsync();
        await node.RunAsync("web", Web, "{simulate.capstan.dev/fail-readiness: 'true'}");
        var pod = await node.SeePhaseAsync("web", "Running");
        Assert.Equal("False", NodeFixture.Condition(pod, "Ready"));
        await AnnotateAsync(node, "web", "fail-readiness", null);
        await node.SeeReadyAsync("web");
        await AnnotateAsync(node, "web", "fail-readiness", "true");
        pod = await node.SeeAsync("web", "to be unready", found => NodeFixture.Condition(found, "Ready") == "False");
        var ready = pod["status"]!["conditions"]!.AsArray().First(condition => (string?)condition!["type"] == "Ready")!;
        Assert.Equal(("ContainersNotReady", "containers with unready status: [web]"), ((string?)ready["reason"], (string?)ready["message"]));
    }

    [Fact]
    public async Task Init_containers_come_before_and_a_sidecar_lasts_as_long_as_the_containers()
    {
        await using var node = await NodeFixture.StartAsync();
        await node.RunAsync(
            "staged",
            """
            {restartPolicy: Never, initContainers: [{name: first, image: 'a:1'}, {name: beside, image: 'b:1', restartPolicy: Always}], containers: [{name: main, image: 'c:1'}]}
            """);
        var pod = await node.SeePhaseAsync("staged", "Succeeded");
        Assert.Equal(0, (int)NodeFixture.Container(pod, "first")["state"]!["terminated"]!["exitCode"]!);
        Assert.NotNull(NodeFixture.Container(pod, "beside")["state"]!["terminated"]);
        Assert.Equal("PodCompleted", (string?)pod["status"]!["conditions"]!.AsArray().First(condition => (string?)condition!["type"] == "Initialized")!["reason"]);
    }

    [Fact]
    public async Task A_failing_init_container_of_a_pod_that_never_restarts_fails_it()
    {
        await using var node = await NodeFixture.StartAsync();
        await node.RunAsync(
            "stuck", "{restartPolicy: Never, initContainers: [{name: first, image: 'a:1'}], containers: [{name: main, image: 'c:1'}]}", "{simulate.capstan.dev/exit-code.first: '9'}");
        var pod = await node.SeePhaseAsync("stuck", "Failed");
        Assert.Equal("PodInitializing", (string?)NodeFixture.Container(pod, "main")["state"]!["waiting"]!["reason"]);
        Assert.Equal("False", NodeFixture.Condition(pod, "Initialized"));
    }

    [Fact]
    public async Task A_deleted_pod_takes_its_grace_and_goes_and_one_of_the_same_name_takes_its_place()
    {
        await using var node = await NodeFixture.StartAsync();
        await node.RunAsync("web", "{terminationGracePeriodSeconds: 60, containers: [{name: web, image: 'web:1'}]}", "{simulate.capstan.dev/stop-after: 200ms}");
        var uid = (string?)(await node.SeeReadyAsync("web"))["metadata"]!["uid"];
        await node.DeleteAsync("web");
        await node.SeeGoneAsync("web");
        await node.RunAsync("web", Web);
        Assert.NotEqual(uid, (string?)(await node.SeeReadyAsync("web"))["metadata"]!["uid"]);
    }

    [Fact]
    public async Task A_pod_that_outlives_its_deadline_fails()
    {
        await using var node = await NodeFixture.StartAsync();
        await node.RunAsync("slow", "{activeDeadlineSeconds: 1, terminationGracePeriodSeconds: 1, containers: [{name: web, image: 'web:1'}]}");
        var pod = await node.SeePhaseAsync("slow", "Failed");
        Assert.Equal("DeadlineExceeded", (string?)pod["status"]!["reason"]);
        Assert.NotNull(NodeFixture.Container((await node.SeeAsync("slow", "to end", found => NodeFixture.Container(found, "web")["state"]?["terminated"] is not null)), "web"));
    }

    [Fact]
    public async Task A_pod_that_something_holds_ends_and_stays_until_it_is_let_go()
    {
        await using var node = await NodeFixture.StartAsync();
        await node.ApplyAsync("{apiVersion: v1, kind: Pod, metadata: {name: held, namespace: shop, finalizers: [example.com/hold]}, spec: {containers: [{name: web, image: 'web:1'}]}}");
        await node.SeeReadyAsync("held");
        await node.DeleteAsync("held");
        await node.SeePhaseAsync("held", "Succeeded");
        await node.Client.PatchAsync(NodeFixture.Pods, new("shop", "held"), PatchType.Merge, """{"metadata":{"finalizers":null}}"""u8.ToArray(), cancellationToken: Stop);
        await node.SeeGoneAsync("held");
        await Eventually.SeeAsync("its worker to end", _ => Task.FromResult(node.Node.Pods.List().Count), count => count == 0, cancellationToken: Stop);
    }

    [Fact]
    public async Task Pods_come_back_with_a_node_that_starts_again()
    {
        await using var node = await NodeFixture.StartAsync();
        await node.RunAsync("web", Web);
        await node.RunAsync("once", "{restartPolicy: Never, containers: [{name: web, image: 'web:1'}]}", "{simulate.capstan.dev/run-for: 1h}");
        await node.SeeReadyAsync("web");
        await node.SeeReadyAsync("once");
        await node.RestartNodeAsync(new() { RunProcesses = false });
        var pod = await node.SeeAsync("web", "to run again", found => (int)NodeFixture.Container(found, "web")["restartCount"]! == 1 && NodeFixture.Condition(found, "Ready") == "True");
        Assert.Equal("Completed", (string?)NodeFixture.Container(pod, "web")["lastState"]!["terminated"]!["reason"]);

        // It ended well, but before it was done.
        var once = await node.SeePhaseAsync("once", "Failed");
        Assert.Equal("Terminated", (string?)once["status"]!["reason"]);
    }

    private static Task AnnotateAsync(NodeFixture node, string pod, string what, string? value)
    {
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [$"simulate.capstan.dev/{what}"] = value } } };
        return node.Client.PatchAsync(NodeFixture.Pods, new("shop", pod), PatchType.Merge, DynamicObject.From(patch).Json, cancellationToken: Stop);
    }
}
