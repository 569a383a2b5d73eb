using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Capstan;
using Capstan.Testing;
using EndToEnd.Tests.Programs;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Processes;

/// <summary>A cluster in this process, and the operator's executable on it: as real as a test can have it killed.</summary>
internal sealed class OperatorProcesses : IAsyncDisposable
{
    private readonly List<RunningProcess> _running = [];

    private OperatorProcesses(TestCluster cluster) => Cluster = cluster;

    public TestCluster Cluster { get; }

    public KubeClient Client => Cluster.Client;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<OperatorProcesses> PrepareAsync()
    {
        var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        foreach (var definition in Manifests.CustomResourceDefinitions)
        {
            await cluster.InstallAsync(definition, Stop);
        }

        await cluster.InstallAsync(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: kubetemplater-system}}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
            ---
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplatePolicy
            metadata: {name: shop, namespace: kubetemplater-system}
            spec:
              sourceNamespace: shop
              validationRules:
              - {kind: ConfigMap, group: "", version: v1, targetNamespaces: [shop]}
              - {kind: Service, group: "", version: v1, targetNamespaces: [shop]}
            """,
            Stop);
        return new(cluster);
    }

    public RunningProcess Start(params string[] flags)
    {
        var process = RunningProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "kubetemplater"),
            ["--kubeconfig", Cluster.KubeconfigPath, "--health-probe-bind-address", "0", .. flags],
            new Dictionary<string, string> { ["OPERATOR_NAMESPACE"] = "kubetemplater-system", ["HOME"] = Path.GetDirectoryName(Cluster.KubeconfigPath)! });
        _running.Add(process);
        return process;
    }

    /// <summary>The nth such request of an operator is held, and never comes to anything: whoever sent it waits, until it is killed.</summary>
    /// <returns>Tells when it has come.</returns>
    public Held Hold(string verb, string resource, int nth = 1)
    {
        var held = Cluster.Faults.Add(Fault.Delay(TimeSpan.FromHours(1)).On(verb, resource).From("kubetemplater").Nth(nth));
        Cluster.Faults.Add(Fault.Unavailable().On(verb, resource).From("kubetemplater").Nth(nth));
        return new(held);
    }

    /// <summary>kill -9, and what it held is free.</summary>
    public async Task KillAsync(RunningProcess process)
    {
        process.Signal(9);
        await process.ExitAsync(TimeSpan.FromSeconds(30), Stop);
        Cluster.Faults.Clear();
    }

    public Task<KubeTemplate> SeeAsync(string name, string phase) => Eventually.SeeAsync(
        $"{name} to be {phase}",
        ct => Client.GetAsync<KubeTemplate>(new("shop", name), ct),
        template => template.Status?.ProcessingPhase == phase && template.Status.ObservedGeneration == template.Metadata.Generation,
        TimeSpan.FromMinutes(2),
        Stop);

    /// <summary>Requests that the server has counted.</summary>
    public async Task<long> CountAsync(string verb, string resource, string subresource = "")
    {
        var page = Encoding.UTF8.GetString(await Client.GetRawAsync("/metrics", cancellationToken: Stop));
        return Regex.Matches(page, @"^apiserver_request_total\{(.*)\} (\d+)$", RegexOptions.Multiline)
            .Where(line => Has(line, "verb", verb) && Has(line, "resource", resource) && Has(line, "subresource", subresource))
            .Sum(line => long.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture));

        static bool Has(Match line, string label, string value) => line.Groups[1].Value.Contains($"{label}=\"{value}\"", StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _running)
        {
            await process.DisposeAsync();
        }

        await Cluster.DisposeAsync();
    }
}

/// <summary>A request that is held.</summary>
internal sealed class Held(FaultRule rule)
{
    public Task ReachedAsync() => Eventually.SeeAsync(
        $"{rule.Fault}", _ => Task.FromResult(rule.Injected), count => count == 1, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
}
