using System.Text.RegularExpressions;
using Capstan;
using Capstan.Cluster;
using Capstan.Testing;
using KubeTemplater.Resources;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeTemplater.Tests;

/// <summary>A cluster with the CRDs, and the operator on it, as a process would run it: everything crosses the wire.</summary>
public sealed class OperatorUnderTest : IAsyncDisposable
{
    public const string OperatorNamespace = "kubetemplater-system";

    private readonly KubeClient _operatorClient;
    private RunningOperator? _running;

    private OperatorUnderTest(TestCluster cluster)
    {
        Cluster = cluster;
        _operatorClient = cluster.NewClient("kubetemplater");
    }

    public TestCluster Cluster { get; }

    public KubeClient Client => Cluster.Client;

    public Operator Operator => _running!.Operator;

    public static async Task<OperatorUnderTest> StartAsync(KubeTemplaterOptions? options = null, TimeProvider? time = null)
    {
        var cluster = await TestCluster.StartAsync();
        foreach (var crd in Manifests.CustomResourceDefinitions)
        {
            await cluster.InstallAsync(crd);
        }

        await cluster.InstallAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {OperatorNamespace}}}}}");
        var result = new OperatorUnderTest(cluster);
        await result.StartOperatorAsync(options, time);

        // What is established is served a moment later; the operator has lists of both kinds, so now they are. Discovery may have been asked in between.
        cluster.Client.Discovery.Forget();
        return result;
    }

    public async Task StartOperatorAsync(KubeTemplaterOptions? options = null, TimeProvider? time = null)
    {
        options = (options ?? new()) with { OperatorNamespace = OperatorNamespace, HealthProbeBindAddress = "0" };
        _running = await RunningOperator.StartAsync(KubeTemplaterOperator.Build(_operatorClient, options, NullLoggerFactory.Instance, time));
    }

    public ValueTask StopOperatorAsync() => _running!.DisposeAsync();

    /// <summary>A namespace of the test's own, with a policy of these rules for it.</summary>
    public async Task<string> NamespaceWithPolicyAsync(string name, string rules)
    {
        await Cluster.InstallAsync($$"""
            apiVersion: v1
            kind: Namespace
            metadata: {name: {{name}}}
            ---
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplatePolicy
            metadata: {name: {{name}}, namespace: {{OperatorNamespace}}}
            spec: {sourceNamespace: {{name}}, validationRules: {{rules}}}
            """);
        return name;
    }

    /// <summary>The template, once the operator has reported on its present spec in this phase and with this in its words.</summary>
    /// <remarks>A policy and a template reach the operator by two watches: what it says first may be of the moment between.</remarks>
    public async Task<KubeTemplate> ReportedAsync(string @namespace, string name, string phase, string says = "") =>
        await Eventually.SeeAsync(
            $"{@namespace}/{name} to be {phase} {says}",
            ct => Client.GetAsync<KubeTemplate>(new(@namespace, name), ct),
            t => t.Status?.ObservedGeneration == t.Metadata.Generation && t.Status?.ProcessingPhase == phase
                && t.Status.Status!.Contains(says, StringComparison.Ordinal));

    /// <summary>Requests of one verb that the server itself has counted, by resource (and subresource).</summary>
    public async Task<long> ServerCountAsync(string verb, string resource, string subresource = "")
    {
        var page = System.Text.Encoding.UTF8.GetString(await Client.GetRawAsync("/metrics"));
        return Regex.Matches(page, @"^apiserver_request_total\{(.*)\} (\d+)$", RegexOptions.Multiline)
            .Where(m => Has(m, "verb", verb) && Has(m, "resource", resource) && Has(m, "subresource", subresource))
            .Sum(m => long.Parse(m.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture));

        static bool Has(Match line, string label, string value) => line.Groups[1].Value.Contains($"{label}=\"{value}\"", StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await StopOperatorAsync();
        await Cluster.DisposeAsync();
    }
}

/// <summary>One cluster and operator for the tests of a class; each takes a namespace of its own.</summary>
public sealed class SharedOperator : IAsyncLifetime
{
    public OperatorUnderTest Running { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Running = await OperatorUnderTest.StartAsync();

    public ValueTask DisposeAsync() => Running.DisposeAsync();
}
