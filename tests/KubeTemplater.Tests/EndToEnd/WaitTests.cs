using System.Text;
using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>Entries that wait for others to be ready.</summary>
public sealed class WaitTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private static readonly ResourceType _services = new("", "v1", "Service", "services", true);
    private readonly OperatorUnderTest _under = shared.Running;

    [Fact]
    public async Task What_depends_on_an_entry_that_waits_for_readiness_is_made_once_that_is_ready_and_nothing_is_applied_twice()
    {
        var ns = await _under.NamespaceWithPolicyAsync("waits", Yaml.Allow("waits", "v1/ConfigMap", "v1/Service"));
        var applies = await AppliesAsync();
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(
            "id: front, waitFor: Ready, object: {apiVersion: v1, kind: Service, metadata: {name: front}, spec: {type: LoadBalancer, ports: [{port: 80}]}}",
            "dependsOn: [front], " + Yaml.ConfigMap("behind"),
            Yaml.ConfigMap("beside"))));

        var waiting = await _under.ReportedAsync(ns, "t", "Processing", "template[0] Service waits/front: not ready: it has no load balancer yet");
        var resources = waiting.Status!.Resources!;
        Assert.Equal([ResourceStates.Applied, ResourceStates.Blocked, ResourceStates.Applied], resources.Select(r => r.State));
        Assert.Equal("waits for template[0] Service waits/front", resources[1].Message);
        Assert.Equal("False", waiting.Status.Conditions!.Single(c => c.Type == "Ready").Status);
        Assert.Empty((await _under.Client.ListAsync(_configMaps, new() { Namespace = ns, FieldSelector = "metadata.name=behind" })).Items);

        await _under.Client.PatchAsync(
            _services, new(ns, "front"), PatchType.Merge, Encoding.UTF8.GetBytes("""{"status":{"loadBalancer":{"ingress":[{"ip":"10.1.2.3"}]}}}"""), new() { Subresource = "status" });

        var completed = await _under.ReportedAsync(ns, "t", "Completed");
        Assert.Equal([ResourceStates.Ready, ResourceStates.Applied, ResourceStates.Applied], completed.Status!.Resources!.Select(r => r.State));
        Assert.Equal(3, await AppliesAsync() - applies);
    }

    [Fact]
    public async Task A_template_that_waits_is_woken_by_the_change_of_its_object_and_not_by_the_clock()
    {
        var clock = new ClockWithoutTimers();
        await using var under = await OperatorUnderTest.StartAsync(time: clock);
        var ns = await under.NamespaceWithPolicyAsync("woken", Yaml.Allow("woken", "v1/Service"));
        await under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(
            "waitFor: Ready, object: {apiVersion: v1, kind: Service, metadata: {name: front}, spec: {type: LoadBalancer, ports: [{port: 80}]}}")));
        await under.ReportedAsync(ns, "t", "Processing", "it has no load balancer yet");

        // The watch of Services begins with the first of them: what happens before it is complete is looked at then.
        await under.Client.PatchAsync(
            _services, new(ns, "front"), PatchType.Merge, Encoding.UTF8.GetBytes("""{"status":{"loadBalancer":{"ingress":[{"ip":"10.1.2.3"}]}}}"""), new() { Subresource = "status" });

        await under.ReportedAsync(ns, "t", "Completed");
        TestContext.Current.TestOutputHelper!.WriteLine($"{clock.Timers} timers, none of which came");
    }

    [Fact]
    public async Task A_template_without_dependants_is_not_completed_before_what_it_waits_for_is_ready()
    {
        var ns = await _under.NamespaceWithPolicyAsync("waits-alone", Yaml.Allow("waits-alone", "batch/v1/Job"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(
            "waitFor: Ready, object: {apiVersion: batch/v1, kind: Job, metadata: {name: work}, spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: a, image: \"reg.local/a\"}]}}}}")));

        await _under.ReportedAsync(ns, "t", "Processing", "template[0] Job waits-alone/work: not ready: ");
    }

    [Fact]
    public async Task A_custom_resource_is_made_once_the_definition_in_the_same_template_is_served()
    {
        var ns = await _under.NamespaceWithPolicyAsync("defines", Yaml.Allow("defines", "apiextensions.k8s.io/v1/CustomResourceDefinition", "defined.example.com/v1/Gear"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(
            "object: {apiVersion: defined.example.com/v1, kind: Gear, metadata: {name: g}, spec: {teeth: 7}}",
            """
            object: {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: gears.defined.example.com},
              spec: {group: defined.example.com, scope: Namespaced, names: {kind: Gear, plural: gears, singular: gear, listKind: GearList},
                versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}}
            """)));

        var completed = await _under.ReportedAsync(ns, "t", "Completed");

        Assert.Equal([ResourceStates.Applied, ResourceStates.Ready], completed.Status!.Resources!.Select(r => r.State));
        var gear = await _under.Client.GetAsync(new("defined.example.com", "v1", "Gear", "gears", true), new(ns, "g"));
        Assert.Equal(gear.Uid, completed.Status.Resources![0].Uid);
    }

    private async Task<long> AppliesAsync() => await _under.ServerCountAsync("APPLY", "configmaps") + await _under.ServerCountAsync("APPLY", "services");

    /// <summary>Time passes, and nothing that waits for it is ever called.</summary>
    private sealed class ClockWithoutTimers : TimeProvider
    {
        private int _timers;

        public int Timers => Volatile.Read(ref _timers);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _timers);
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
