using System.Text;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads;
using Capstan.Cluster.Workloads.DaemonSets;
using Capstan.Cluster.Workloads.Hashes;

namespace Capstan.Cluster.Tests.Workloads.DaemonSets;

/// <summary>What a look at a DaemonSet leads to, without a server.</summary>
public sealed class DaemonRunTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("a:old+ b:old+ c:old+", "{maxUnavailable: 1}", "", "1 of a b c")]
    [InlineData("a:old- b:old+ c:old+", "{maxUnavailable: 1}", "", "a and 1 of b c")]
    [InlineData("a:new- b:old+ c:old+", "{maxUnavailable: 1}", "", "")]
    [InlineData("a:new+ b:old+ c:old+", "{maxUnavailable: 50%}", "", "b c")]
    [InlineData("a: b:old+ c:old+", "{maxUnavailable: 1}", "a", "")]
    [InlineData("a:old+ b:old+ c:old+", "{maxUnavailable: 0, maxSurge: 1}", "1 of a b c", "")]
    [InlineData("a:old+,new- b:old+ c:old+", "{maxUnavailable: 0, maxSurge: 1}", "", "")]
    [InlineData("a:old+,new+ b:old+ c:old+", "{maxUnavailable: 0, maxSurge: 1}", "", "a")]
    [InlineData("a:new+,new+ b:new+ c:new+", "{maxUnavailable: 1}", "", "1 of a")]
    public void An_update_takes_no_more_than_the_set_bears(string state, string rolling, string created, string deleted)
    {
        var pods = new List<Pod>();
        foreach (var (place, node) in state.Split(' ').Select(static one => (one.Split(':')[1], one.Split(':')[0])))
        {
            pods.AddRange(place.Split(',', StringSplitOptions.RemoveEmptyEntries).Select((one, number) => PodOn(node, one[..3], one[3] == '+', number)));
        }

        var json = rolling.Replace("{", "{\"", StringComparison.Ordinal).Replace(": ", "\": ", StringComparison.Ordinal).Replace(", ", ", \"", StringComparison.Ordinal).Replace("50%", "\"50%\"", StringComparison.Ordinal);
        var set = Read<DaemonSet>($"{{\"metadata\":{{\"name\":\"d\",\"namespace\":\"n\"}},\"spec\":{{\"updateStrategy\":{{\"type\":\"RollingUpdate\",\"rollingUpdate\":{json}}}}}}}");
        var run = new DaemonRun(set, new DaemonPod(set, "new"), "new", [Node("a"), Node("b"), Node("c")], pods, Now);
        Check(created, run.Create);
        Check(deleted, run.Delete.Select(static pod => pod.Spec.NodeName!));
    }

    [Fact]
    public void A_node_that_does_not_tolerate_new_pods_keeps_the_one_it_has_unless_it_drives_them_out()
    {
        var set = Read<DaemonSet>("""{"metadata":{"name":"d","namespace":"n"},"spec":{}}""");
        DynamicObject[] nodes = [Node("a", "NoSchedule"), Node("b", "NoExecute"), Node("c", "PreferNoSchedule")];
        var run = new DaemonRun(set, new DaemonPod(set, "new"), "new", nodes, [PodOn("a", "new", true, 0), PodOn("b", "new", true, 0)], Now);
        Assert.Equal(("c", "b"), (Assert.Single(run.Create), Assert.Single(run.Delete).Spec.NodeName));
        Assert.Equal((1, 0, 2), (run.Status(null).DesiredNumberScheduled, run.Status(null).CurrentNumberScheduled, run.Status(null).NumberMisscheduled));
    }

    [Fact]
    public void Its_revision_has_the_hash_that_kubernetes_gives_it()
    {
        // As a kube-controller-manager 1.36 named it.
        var set = Read<DaemonSet>(
            """
            {"metadata":{"name":"d"},"spec":{"template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"image":"i","imagePullPolicy":"Always","name":"c","resources":{},
            "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","nodeSelector":{"false":"such"},"restartPolicy":"Always",
            "schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30}}}}
            """);
        Assert.Equal("6cb6766998", SafeHash.OfTemplate(GoDump.Of(TemplateText.Plain(TemplateText.Fields(set.Spec.Template))), null));
    }

    [Fact]
    public void A_pod_is_of_the_node_that_it_is_to_go_to_before_it_is_there()
    {
        var set = Read<DaemonSet>("""{"metadata":{"name":"d","namespace":"n"},"spec":{"template":{"spec":{"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[]}},"containers":[]}}}}""");
        var pod = new DaemonPod(set, "h").TemplateFor("a").ToPod("n", new OwnerReference { ApiVersion = "apps/v1", Kind = "DaemonSet", Name = "d", Uid = "u" });
        Assert.Equal("a", DaemonPod.NodeOf(pod));
        Assert.True(DaemonPod.IsOf(pod, "h"));
        Assert.Null(DaemonPod.NodeOf(new Pod()));
    }

    private static void Check(string expected, IEnumerable<string> seen)
    {
        // "1 of a b c", "a", "a b", "a and 1 of b c" or nothing.
        var parts = expected.Split(" and ");
        var all = parts.Where(static part => !part.StartsWith("1 of", StringComparison.Ordinal)).SelectMany(static part => part.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        var one = parts.Where(static part => part.StartsWith("1 of", StringComparison.Ordinal)).SelectMany(static part => part[5..].Split(' ')).ToList();
        var rest = seen.ToList();
        all.ForEach(name => Assert.True(rest.Remove(name), $"{name} is not in {string.Join(' ', rest)}"));
        Assert.Equal(one.Count > 0 ? 1 : 0, rest.Count);
        Assert.All(rest, name => Assert.Contains(name, one));
    }

    private static Pod PodOn(string node, string hash, bool ready, int number) => Read<Pod>(
        $$$"""
        {"metadata":{"name":"d-{{{node}}}-{{{number}}}","namespace":"n","creationTimestamp":"2026-11-22T07:00:0{{{number}}}Z","labels":{"controller-revision-hash":"{{{hash}}}"}},
         "spec":{"nodeName":"{{{node}}}"},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"{{{(ready ? "True" : "False")}}}","lastTransitionTime":"2026-11-22T07:00:00Z"}]}}
        """);

    private static DynamicObject Node(string name, string? effect = null) => DynamicObject.Parse(Encoding.UTF8.GetBytes(
        $$$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{name}}}"},"spec":{{{(effect is null ? "{}" : "{\"taints\":[{\"key\":\"k\",\"effect\":\"" + effect + "\"}]}")}}} }"""));

    private static T Read<T>(string json)
        where T : KubeObject, IKubeObject<T> => DynamicObject.Parse(Encoding.UTF8.GetBytes(json)).To<T>();
}
