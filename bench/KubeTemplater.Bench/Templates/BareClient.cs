using System.Diagnostics;
using System.Text;
using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Bench.Templates;

/// <summary>The same calls without an operator: bodies that are ready, nothing watched, nothing decided. What is reached so is what there is to reach.</summary>
internal static class BareClient
{
    public static async Task<BareCost> RunAsync(BenchCluster cluster, int templates, int parallel)
    {
        using var client = cluster.NewClient("bare");
        var names = Enumerable.Range(0, templates).Select(i => $"bare{i}").ToList();
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (name, token) =>
            await cluster.Client.CreateAsync(KubeTemplate.Resource, BenchCluster.Template(name), cancellationToken: token));
        var started = Stopwatch.GetTimestamp();
        var cpu = Environment.CpuUsage.TotalTime;
        var allocated = GC.GetTotalAllocatedBytes();
        var options = new ApplyOptions { FieldManager = "kubetemplater" };
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = parallel }, async (name, token) =>
        {
            // Both at once, as the operator has it.
            await Task.WhenAll(ApplyAsync("a"), ApplyAsync("b"));
            var status = Encoding.UTF8.GetBytes("""{"status":{"status":"Completed","processingPhase":"Completed","resourcesTotal":2,"resourcesSynced":2,"observedGeneration":1}}""");
            await client.PatchAsync(KubeTemplate.Resource, new(BenchCluster.Namespace, name), PatchType.Merge, status, new() { Subresource = "status" }, token);

            Task<DynamicObject> ApplyAsync(string which) =>
                client.ApplyAsync(BenchCluster.ConfigMaps, new(BenchCluster.Namespace, $"{name}-{which}"), Encoding.UTF8.GetBytes(BenchCluster.Map(name, which)), options, token);
        });
        return new(Stopwatch.GetElapsedTime(started), Environment.CpuUsage.TotalTime - cpu, GC.GetTotalAllocatedBytes() - allocated);
    }
}

/// <summary>What the calls alone took.</summary>
internal readonly record struct BareCost(TimeSpan Took, TimeSpan Cpu, long Allocated);
