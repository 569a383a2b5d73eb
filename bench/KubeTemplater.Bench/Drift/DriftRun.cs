using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Capstan;
using Capstan.ApiServer.Bench;
using Capstan.Caching;
using Capstan.Cluster;
using Capstan.Testing;
using KubeTemplater.Resources;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeTemplater.Bench.Drift;

/// <summary>Objects are changed and deleted while others change what is nobody's concern: how long until each is as wanted again, and what it costs in calls.
/// Then a minute in which nothing happens.</summary>
internal static class DriftRun
{
    private const string Namespace = "drift";
    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", true);

    public static async Task RunAsync(int templates, int drifts, TimeSpan idle)
    {
        await using var cluster = await TestCluster.StartAsync();
        foreach (var definition in Manifests.CustomResourceDefinitions)
        {
            await cluster.InstallAsync(definition);
        }

        await cluster.InstallAsync($$$$"""
            {apiVersion: v1, kind: Namespace, metadata: {name: kubetemplater-system}}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: {{{{Namespace}}}}}}
            ---
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplatePolicy
            metadata: {name: p, namespace: kubetemplater-system}
            spec: {sourceNamespace: {{{{Namespace}}}}, validationRules: [{kind: ConfigMap, group: "", version: v1, targetNamespaces: [{{{{Namespace}}}}]}]}
            """);
        var client = cluster.NewClient("kubetemplater");
        var options = new KubeTemplaterOptions { OperatorNamespace = "kubetemplater-system", HealthProbeBindAddress = "0", Workers = 8 };
        await using var running = await RunningOperator.StartAsync(KubeTemplaterOperator.Build(client, options, NullLoggerFactory.Instance));
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, templates, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, token) =>
            await cluster.Client.CreateAsync(KubeTemplate.Resource, Template(i), cancellationToken: token));
        await CompletedAsync(cluster.Client, templates);
        Report.Head($"{templates} templates of two objects", "part", "s");
        Report.Row("made and applied", Stopwatch.GetElapsedTime(started).TotalSeconds);

        await MeasureDriftAsync(cluster, templates, drifts);

        // Events of the corrections are written behind everything else, and the policy's status once in ten seconds.
        await Task.Delay(TimeSpan.FromSeconds(15));
        var before = await CallsAsync(cluster.Client);
        await Task.Delay(idle);
        var after = await CallsAsync(cluster.Client);
        Report.Head($"Nothing happens for {idle.TotalSeconds} s", "call", "times");
        foreach (var (call, times) in after.Where(call => call.Value > before.GetValueOrDefault(call.Key)).OrderBy(call => call.Key, StringComparer.Ordinal))
        {
            Report.Row(call, times - before.GetValueOrDefault(call));
        }
    }

    private static async Task MeasureDriftAsync(TestCluster cluster, int templates, int drifts)
    {
        var open = new ConcurrentDictionary<string, long>();
        var took = new ConcurrentBag<double>();
        using var stop = new CancellationTokenSource();
        var informer = new Informer(cluster.NewClient("onlooker"), ConfigMaps, new() { Namespace = Namespace });
        informer.AddHandler(change =>
        {
            if (change.New is { } live && IsAsWanted(live) && open.TryRemove(live.Key.Name, out var since))
            {
                took.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            }
        });
        var watching = informer.RunAsync(stop.Token);
        await informer.WaitForSyncAsync(stop.Token);
        var (applies, patches) = (await CountAsync(cluster.Client, "APPLY", "configmaps"), await CountAsync(cluster.Client, "PATCH", "kubetemplates"));
        using var load = new CancellationTokenSource();
        var others = OthersAsync(cluster.NewClient("others"), templates, load.Token);
        var vandal = cluster.NewClient("vandal");
        await Parallel.ForAsync(0, drifts, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, token) =>
        {
            var name = $"t{i % templates}-{(i < templates ? "a" : "b")}";
            open[name] = Stopwatch.GetTimestamp();
            if (i % 2 == 0)
            {
                await vandal.DeleteAsync(ConfigMaps, new(Namespace, name), cancellationToken: token);
            }
            else
            {
                await vandal.PatchAsync(ConfigMaps, new(Namespace, name), PatchType.Merge, """{"data":{"mode":"slow"}}"""u8.ToArray(), cancellationToken: token);
            }
        });
        await Eventually.SeeAsync("all put right", _ => Task.FromResult(open.Count), left => left == 0, TimeSpan.FromMinutes(2));
        await load.CancelAsync();
        await others.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Eventually.SeeAsync("all said", ct => SaidAsync(cluster.Client, ct), said => said >= drifts, TimeSpan.FromMinutes(2));
        var sorted = took.Order().ToList();
        Report.Head($"{drifts} objects changed or deleted, others change what is not ours", "quantile", "ms");
        foreach (var quantile in (double[])[0.5, 0.9, 0.99, 1])
        {
            Report.Row($"{quantile:0.##}", sorted[(int)Math.Min(sorted.Count - 1, Math.Ceiling(quantile * sorted.Count) - 1)]);
        }

        Report.Head("Calls for that", "call", "times");
        Report.Row("apply", await CountAsync(cluster.Client, "APPLY", "configmaps") - applies);
        Report.Row("status patch", await CountAsync(cluster.Client, "PATCH", "kubetemplates") - patches);
        await stop.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Somebody else's annotations on the objects that nobody harms.</summary>
    private static async Task OthersAsync(KubeClient client, int templates, CancellationToken cancellationToken)
    {
        for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            var patch = Encoding.UTF8.GetBytes("{\"metadata\":{\"annotations\":{\"turn\":\"" + i + "\"}}}");
            await client.PatchAsync(ConfigMaps, new(Namespace, $"t{templates - 1 - (i % (templates / 10))}-b"), PatchType.Merge, patch, cancellationToken: cancellationToken);
        }
    }

    private static bool IsAsWanted(DynamicObject live) =>
        live.DeletionTimestamp is null && live.Json.Span.IndexOf("\"mode\":\"fast\""u8) >= 0 && live.Labels.ContainsKey("kubetemplater.io/template-name");

    private static DynamicObject Template(int i) => DynamicObject.Parse(Encoding.UTF8.GetBytes($$$$$$"""
        {"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplate","metadata":{"name":"t{{{{{{i}}}}}}","namespace":"{{{{{{Namespace}}}}}}"},
         "spec":{"templates":[{"object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"t{{{{{{i}}}}}}-a"},"data":{"mode":"fast"}}},
                              {"object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"t{{{{{{i}}}}}}-b"},"data":{"mode":"fast"}}}]}}
        """));

    private static Task CompletedAsync(KubeClient client, int templates) => Eventually.SeeAsync(
        "completed templates",
        async ct => (await client.ListAsync<KubeTemplate>(new() { Namespace = Namespace }, ct)).Items.Count(template => template.Status?.ProcessingPhase == Phases.Completed),
        count => count == templates,
        TimeSpan.FromMinutes(10));

    private static async Task<int> SaidAsync(KubeClient client, CancellationToken cancellationToken) =>
        (await client.ListAsync<KubeTemplate>(new() { Namespace = Namespace }, cancellationToken)).Items.Sum(template => template.Status?.DriftDetectionCount ?? 0);

    private static async Task<Dictionary<string, long>> CallsAsync(KubeClient client) => (await LinesAsync(client))
        .GroupBy(line => $"{Label(line, "verb")} {Label(line, "resource")} {Label(line, "subresource")}".TrimEnd(), StringComparer.Ordinal)
        .ToDictionary(call => call.Key, call => call.Sum(Value));

    private static async Task<long> CountAsync(KubeClient client, string verb, string resource) =>
        (await LinesAsync(client)).Where(line => Label(line, "verb") == verb && Label(line, "resource") == resource).Sum(Value);

    private static async Task<IEnumerable<string>> LinesAsync(KubeClient client) =>
        Encoding.UTF8.GetString(await client.GetRawAsync("/metrics")).Split('\n')
            .Where(line => line.StartsWith("apiserver_request_total{", StringComparison.Ordinal) && Label(line, "resource").Length > 0);

    private static long Value(string line) => long.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    private static string Label(string line, string name)
    {
        var at = line.IndexOf($",{name}=\"", StringComparison.Ordinal) is >= 0 and var inside ? inside : line.IndexOf($"{{{name}=\"", StringComparison.Ordinal);
        return at < 0 ? "" : line[(at + name.Length + 3)..line.IndexOf('"', at + name.Length + 3)];
    }
}
