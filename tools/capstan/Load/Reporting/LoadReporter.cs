using System.Text.Json.Nodes;
using Capstan.Tool.Load.Measuring;
using Capstan.Tool.Load.Work;

namespace Capstan.Tool.Load.Reporting;

/// <summary>Puts what was measured together.</summary>
internal static class LoadReporter
{
    /// <summary>Makes the report.</summary>
    /// <param name="load">Kind of load.</param>
    /// <param name="started">When it began.</param>
    /// <param name="serverVersion">Version of the API server.</param>
    /// <param name="scene">What it worked with.</param>
    /// <param name="replicas">What the operator used.</param>
    /// <param name="serverCalls">What the API server counted.</param>
    /// <param name="notMeasured">What could not be read.</param>
    public static LoadReport Make(
        string load, DateTimeOffset started, string serverVersion, LoadScene scene, IReadOnlyList<ReplicaUsage> replicas, IReadOnlyDictionary<string, long> serverCalls, Faults notMeasured)
    {
        var (result, options) = (scene.Result, scene.Options);
        var calls = replicas.SelectMany(replica => replica.Calls).GroupBy(call => call.Key, StringComparer.Ordinal).ToDictionary(call => call.Key, call => call.Sum(one => one.Value));
        return new()
        {
            Load = load,
            Run = scene.Plan.Run,
            Started = started,
            Server = scene.Client.Config.Server.GetLeftPart(UriPartial.Authority),
            ServerVersion = serverVersion,
            Shape = new(options.Count, options.Resources, options.Namespaces, options.Rate, options.Clients, options.Duration.TotalSeconds, options.Drifts, options.BeforeStart),
            Unit = result.Unit,
            Done = result.Done,
            Seconds = result.Elapsed.TotalSeconds,
            PerSecond = result.Elapsed > TimeSpan.Zero ? result.Done / result.Elapsed.TotalSeconds : 0,
            Latencies = [.. result.Durations.Select(one => (one.What, Summary: one.Took.Summary())).Where(one => one.Summary is not null).Select(one => new LatencyRow(one.What, one.Summary!))],
            Figures = [.. result.Figures.Select(figure => new Figure(figure.What, figure.Value))],
            OperatorCalls = Rows(calls),
            ServerCalls = Rows(serverCalls),
            Replicas = replicas,
            Each = replicas.Count == 0 || result.Done == 0 ? null : new(
                Each(calls.Values.Sum()),
                Each(replicas.Sum(replica => replica.CpuSeconds) * 1000),
                replicas.All(replica => replica.AllocatedBytes is not null) ? Each(replicas.Sum(replica => replica.AllocatedBytes!.Value)) : null),
            Errors = scene.Faults.All(),
            NotMeasured = notMeasured.All(),
        };

        double Each(double amount) => result.Done > 0 ? amount / result.Done : 0;

        List<CallRow> Rows(IReadOnlyDictionary<string, long> counts) =>
            [.. counts.OrderByDescending(call => call.Value).ThenBy(call => call.Key, StringComparer.Ordinal).Select(call => new CallRow(call.Key, call.Value, Each(call.Value)))];
    }

    /// <summary>What the server calls itself.</summary>
    public static async Task<string> VersionAsync(KubeClient client, CancellationToken stop) =>
        (string?)JsonNode.Parse(await client.GetRawAsync("/version", cancellationToken: stop))?["gitVersion"] ?? "?";
}
