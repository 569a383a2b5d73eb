using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.ApiServer.Bench;
using Capstan.Caching;
using Capstan.Testing;
using KubeTemplater.Policies;
using KubeTemplater.Resources;

namespace KubeTemplater.Bench.Admission;

/// <summary>The judge alone, on one thread: what of an admission is not the wire.</summary>
internal static class JudgeRun
{
    private const int Rounds = 3;
    private const int Templates = 2_000;

    public static async Task RunAsync(TestCluster cluster, int resources)
    {
        using var stop = new CancellationTokenSource();
        using var meter = new Meter("bench");
        var policies = new Informer(cluster.Client, KubeTemplatePolicy.Resource, new() { Namespace = WebhookRun.OperatorNamespace });
        var namespaces = new Informer(cluster.Client, new("", "v1", "Namespace", "namespaces", Namespaced: false));
        var book = new PolicyBook(cluster.Client, policies, WebhookRun.OperatorNamespace, TimeSpan.FromMinutes(5), meter, TimeProvider.System);
        var judge = new TemplateJudge(book, cluster.Client.Discovery, namespaces.Cache);
        var running = Task.WhenAll(policies.RunAsync(stop.Token), namespaces.RunAsync(stop.Token));
        await policies.WaitForSyncAsync(stop.Token);
        await namespaces.WaitForSyncAsync(stop.Token);
        var template = DynamicObject.From(JsonNode.Parse(Reviews.Create("shop", 0, resources))!["request"]!["object"]!.AsObject());
        Report.Head($"The judge alone, {resources} resources", "part", "µs", "bytes allocated", "cost");
        for (var round = 0; round < Rounds; round++)
        {
            var cost = 0L;
            Measure("decode", () => template.To<KubeTemplate>(), () => 0);
            var typed = template.To<KubeTemplate>();
            Measure("judge", () => cost = Judge(typed), () => cost);
        }

        var hostile = DynamicObject.From(JsonNode.Parse(Reviews.Create("hostile", 0, resources))!["request"]!["object"]!.AsObject()).To<KubeTemplate>();
        Report.Head("A hostile one alone", "part", "ms", "MB allocated", "collections", "of that paused, ms");
        for (var round = 0; round < Rounds; round++)
        {
            var (bytes, paused, collections, start) = (GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration(), GC.CollectionCount(0), Stopwatch.GetTimestamp());
            await judge.JudgeAsync(hostile, null, CancellationToken.None);
            Report.Row(
                "judge", Stopwatch.GetElapsedTime(start).TotalMilliseconds, (GC.GetTotalAllocatedBytes() - bytes) / 1_000_000, GC.CollectionCount(0) - collections,
                (GC.GetTotalPauseDuration() - paused).TotalMilliseconds);
        }

        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        long Judge(KubeTemplate one)
        {
            var judged = judge.JudgeAsync(one, null, CancellationToken.None);
            var verdict = judged.IsCompletedSuccessfully ? judged.Result : judged.AsTask().GetAwaiter().GetResult();
            return verdict.Faults.Count == 0 ? verdict.Budget.Spent : throw verdict.Faults[0];
        }
    }

    private static void Measure(string part, Action act, Func<long> cost)
    {
        for (var i = 0; i < Templates / 4; i++)
        {
            act();
        }

        var (bytes, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        for (var i = 0; i < Templates; i++)
        {
            act();
        }

        Report.Row(part, Stopwatch.GetElapsedTime(start).TotalMicroseconds / Templates, (GC.GetAllocatedBytesForCurrentThread() - bytes) / Templates, cost());
    }
}
