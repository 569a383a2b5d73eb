using System.Globalization;
using Capstan.Tool.Load.Measuring;
using Capstan.Tool.Load.Reporting;
using Capstan.Tool.Load.Work;

namespace Capstan.Tool.Load;

/// <summary>One run of a load, from the question whether it may be until nothing of it is left.</summary>
/// <param name="client">The cluster.</param>
/// <param name="options">What was asked for.</param>
/// <param name="progress">Told how far it is.</param>
internal sealed class LoadRun(KubeClient client, LoadOptions options, LoadProgress progress)
{
    private readonly TimeProvider _time = client.Options.TimeProvider;

    /// <summary>Runs it.</summary>
    /// <param name="load">Kind of load.</param>
    /// <param name="work">What it does.</param>
    /// <param name="needsPolicies">Whether it makes templates.</param>
    /// <param name="stop">Cancels; what was made is removed all the same.</param>
    /// <exception cref="CannotRunException">The cluster is not marked, or something stands in the way.</exception>
    public async Task<LoadReport> RunAsync(string load, Func<LoadScene, CancellationToken, Task> work, bool needsPolicies, CancellationToken stop)
    {
        // 1. Whether it may be.
        if (!options.Yes)
        {
            await LoadPermission.CheckAsync(client, stop);
        }

        var started = _time.GetUtcNow();
        var version = await LoadReporter.VersionAsync(client, stop);
        var run = string.Create(CultureInfo.InvariantCulture, $"capstan-load-{started:yyMMddHHmmss}-{Environment.ProcessId % 10000}");
        var plan = new TemplatePlan(run, options.Resources, options.Namespaces);
        var ground = new LoadGround(client, plan, options, progress);
        try
        {
            // 2. Namespaces, an account, policies.
            var token = await ground.MakeAsync(stop);
            if (needsPolicies)
            {
                await ground.AllowTemplatesAsync(stop);
            }

            // 3. The load, with the meters running from where it says.
            var notMeasured = new Faults();
            using var pages = new ReplicaPages(client, options.OperatorNamespace, options.MetricsUrls, token);
            await using var meter = new Meter(client, pages, notMeasured);
            var scene = new LoadScene(client, options, plan, progress, new Faults(), new LoadResult(), meter.BeginAsync);
            await work(scene, stop);
            await meter.EndAsync(stop);
            var (usage, serverCalls) = (meter.Replicas.Usage(), meter.ServerCallsSince);

            // 4. Afterwards nothing should happen.
            if (options.Idle > TimeSpan.Zero)
            {
                await IdleAsync(meter, scene.Result, usage, stop);
            }

            if (usage.Count == 0)
            {
                notMeasured.Add($"no replica of the operator answered: no ready pod in {options.OperatorNamespace} with label {ReplicaPages.Selector} (--operator-namespace, --metrics-url)");
            }

            return LoadReporter.Make(load, started, version, scene, usage, serverCalls, notMeasured);
        }
        finally
        {
            // 5. Also after a signal; a second one ends the process at once.
            if (!options.Keep)
            {
                await ground.CleanAsync(CancellationToken.None);
            }
            else
            {
                progress.Say($"kept: kubectl delete namespaces,clusterroles,clusterrolebindings -l {TemplatePlan.RunLabel}={run}, and in {options.OperatorNamespace} kubetemplatepolicies");
            }
        }
    }

    private async Task IdleAsync(Meter meter, LoadResult result, IReadOnlyList<ReplicaUsage> before, CancellationToken stop)
    {
        var start = _time.GetTimestamp();
        await progress.ShowAsync(
            "idle seconds", options.Idle.TotalSeconds, () => Math.Min(options.Idle.TotalSeconds, _time.GetElapsedTime(start).TotalSeconds), () => Task.Delay(options.Idle, _time, stop));
        await meter.EndAsync(stop);
        var after = meter.Replicas.Usage();
        var seconds = _time.GetElapsedTime(start).TotalSeconds;
        var (calls, cpu) = (Calls(after) - Calls(before), after.Sum(one => one.CpuSeconds) - before.Sum(one => one.CpuSeconds));
        result.Tell("idle, seconds", () => seconds);
        result.Tell("idle, the operator's calls", () => calls);
        result.Tell("idle, % of a core", () => 100 * cpu / seconds);

        static double Calls(IReadOnlyList<ReplicaUsage> usage) => usage.Sum(one => one.Calls.Values.Sum());
    }
}
