using System.Text.Json.Nodes;
using Capstan.ApiServer.Bench;
using Capstan.Cluster.Node;
using Capstan.Testing;

namespace Capstan.Cluster.Bench;

/// <summary>From the first create to the last ready pod: API server, controllers, node and the one who creates share this process.</summary>
internal static class ReadyWorkloads
{
    private const string Namespace = "default";
    private const int Creators = 8;

    private static readonly ResourceType[] Kinds = [new("apps", "v1", "Deployment", "deployments", Namespaced: true), new("apps", "v1", "StatefulSet", "statefulsets", Namespaced: true)];

    public static async Task RunAsync(int workloads, int replicas)
    {
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Node = new LocalNodeOptions { RunProcesses = false } });
        using var client = cluster.NewClient("bench");
        var allocated = GC.GetTotalAllocatedBytes();
        var start = TimeProvider.System.GetTimestamp();
        await Parallel.ForAsync(0, workloads, new ParallelOptions { MaxDegreeOfParallelism = Creators }, async (i, stop) =>
            await client.CreateAsync(Kinds[i % Kinds.Length], DynamicObject.From(Workload(Kinds[i % Kinds.Length], i, replicas)), cancellationToken: stop));
        var created = TimeProvider.System.GetElapsedTime(start);
        while (await ReadyAsync(client, replicas) is var ready && ready < workloads)
        {
            await Task.Delay(50);
        }

        var took = TimeProvider.System.GetElapsedTime(start);
        Report.Head("Workloads until all of their simulated pods are ready", "workloads", "replicas", "created after s", "ready after s", "KiB allocated for a pod");
        Report.Row(workloads, replicas, created.TotalSeconds, took.TotalSeconds, (GC.GetTotalAllocatedBytes() - allocated) / workloads / replicas / 1024);
    }

    private static async Task<int> ReadyAsync(KubeClient client, int replicas)
    {
        var ready = 0;
        foreach (var kind in Kinds)
        {
            var list = await client.ListAsync(kind, new ListOptions { Namespace = Namespace });
            ready += list.Items.Count(workload => (int?)workload.ToJson()["status"]?["readyReplicas"] == replicas);
        }

        return ready;
    }

    private static JsonObject Workload(ResourceType type, int number, int replicas)
    {
        JsonObject Labels() => new() { ["app"] = $"w{number}" };
        return new()
        {
            ["apiVersion"] = type.ApiVersion,
            ["kind"] = type.Kind,
            ["metadata"] = new JsonObject { ["name"] = $"w{number}", ["namespace"] = Namespace },
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["selector"] = new JsonObject { ["matchLabels"] = Labels() },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = Labels() },
                    ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "example" }) },
                },
            },
        };
    }
}
