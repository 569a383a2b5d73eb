using System.Text.Json.Nodes;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Node.Serving;

/// <summary><c>/stats/summary</c> and <c>/pods</c>, for those who ask a kubelet itself.</summary>
internal static class StatsSummary
{
    public static string Write(RunningPods pods, ProcessSnapshot processes)
    {
        var usages = ContainerUsages.Of(pods, processes);
        return new JsonObject
        {
            ["node"] = new JsonObject { ["nodeName"] = NodeObject.Name },
            ["pods"] = new JsonArray([.. usages.GroupBy(u => u.Pod.Uid).Select(p => new JsonObject
            {
                ["podRef"] = new JsonObject { ["name"] = p.First().Pod.Key.Name, ["namespace"] = p.First().Pod.Key.Namespace, ["uid"] = p.Key },
                ["startTime"] = KubeTime.Format(p.First().Pod.StartTime),
                ["containers"] = new JsonArray([.. p.Select(u => new JsonObject
                {
                    ["name"] = u.Container,
                    ["startTime"] = KubeTime.Format(u.StartedAt),
                    ["cpu"] = Cpu(u.Usage),
                    ["memory"] = Memory(u.Usage),
                })]),
            })]),
        }.ToJsonString();
    }

    public static string WritePods(RunningPods pods) => new JsonObject
    {
        ["kind"] = "PodList",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. pods.List().Select(p => new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = p.Key.Name, ["namespace"] = p.Key.Namespace, ["uid"] = p.Uid },
            ["spec"] = new JsonObject { ["nodeName"] = NodeObject.Name, ["containers"] = new JsonArray([.. p.Containers.Where(c => !c.IsInit).Select(c => new JsonObject { ["name"] = c.Name })]) },
            ["status"] = new JsonObject { ["podIP"] = p.Address.ToString(), ["startTime"] = KubeTime.Format(p.StartTime) },
        })]),
    }.ToJsonString();

    private static JsonObject Cpu(ContainerUsage usage) => new() { ["time"] = KubeTime.Format(usage.At), ["usageCoreNanoSeconds"] = usage.CpuNanoseconds };

    private static JsonObject Memory(ContainerUsage usage) => new() { ["time"] = KubeTime.Format(usage.At), ["workingSetBytes"] = usage.MemoryBytes };
}
