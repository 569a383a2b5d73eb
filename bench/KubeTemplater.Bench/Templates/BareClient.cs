using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Bench.Templates;

/// <summary>The same calls without an operator, while the templates are made as fast as for the operator: bodies that are ready, nothing watched, nothing decided. What is
/// reached so is what there is to reach.</summary>
internal static class BareClient
{
    /// <returns>How long it took from the first template to the last status.</returns>
    public static async Task<TimeSpan> RunAsync(BenchCluster cluster, string prefix, int templates, int parallel)
    {
        using var client = cluster.NewClient("bare");
        var made = Channel.CreateUnbounded<string>();
        var options = new ApplyOptions { FieldManager = "kubetemplater" };
        var started = Stopwatch.GetTimestamp();
        var working = Parallel.ForEachAsync(made.Reader.ReadAllAsync(), new ParallelOptions { MaxDegreeOfParallelism = parallel }, BringAsync);
        await Parallel.ForAsync(0, templates, new ParallelOptions { MaxDegreeOfParallelism = TemplatesRun.Makers }, async (i, token) =>
        {
            await cluster.Client.CreateAsync(KubeTemplate.Resource, BenchCluster.Template($"{prefix}{i}"), cancellationToken: token);
            made.Writer.TryWrite($"{prefix}{i}");
        });
        made.Writer.Complete();
        await working;
        return Stopwatch.GetElapsedTime(started);

        async ValueTask BringAsync(string name, CancellationToken token)
        {
            // Both at once, as the operator has it.
            await Task.WhenAll(ApplyAsync("a"), ApplyAsync("b"));
            var status = Encoding.UTF8.GetBytes("""{"status":{"status":"Completed","processingPhase":"Completed","resourcesTotal":2,"resourcesSynced":2,"observedGeneration":1}}""");
            await client.PatchAsync(KubeTemplate.Resource, new(BenchCluster.Namespace, name), PatchType.Merge, status, new() { Subresource = "status" }, token);

            Task<DynamicObject> ApplyAsync(string which) =>
                client.ApplyAsync(BenchCluster.ConfigMaps, new(BenchCluster.Namespace, $"{name}-{which}"), Encoding.UTF8.GetBytes(BenchCluster.Map(name, which)), options, token);
        }
    }
}
