using System.Collections.Concurrent;
using System.Globalization;
using Capstan;
using Capstan.Cluster;
using Capstan.Election;
using Capstan.Testing;
using KubeTemplater.Resources;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeTemplater.Tests.Sharing;

/// <summary>Replicas of the operator on one cluster, each with a client of its own, whose writes the cluster notes.</summary>
internal sealed class SharingReplicas : IAsyncDisposable
{
    public const string Namespace = "shop";

    private const string OperatorNamespace = OperatorUnderTest.OperatorNamespace;
    private const string ViewAnnotation = "capstan.internal/shard-view";

    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);

    // It delays nobody, and so notes who writes what.
    private static readonly Fault Noted = Fault.Delay(TimeSpan.Zero).On("patch,create,update,delete");

    private readonly ConcurrentDictionary<string, (RunningOperator Running, KubeClient Client)> _running = new();

    private SharingReplicas(TestCluster cluster) => Cluster = cluster;

    public TestCluster Cluster { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<SharingReplicas> PrepareAsync()
    {
        var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        foreach (var definition in Manifests.CustomResourceDefinitions)
        {
            await cluster.InstallAsync(definition, Stop);
        }

        await cluster.InstallAsync(
            $$$"""
            {apiVersion: v1, kind: Namespace, metadata: {name: {{{OperatorNamespace}}} } }
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: {{{Namespace}}} } }
            ---
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplatePolicy
            metadata: {name: shop, namespace: {{{OperatorNamespace}}}}
            spec: {sourceNamespace: {{{Namespace}}}, validationRules: [{kind: ConfigMap, group: "", version: v1, targetNamespaces: [{{{Namespace}}}]}]}
            """,
            Stop);
        cluster.Faults.Add(Noted);
        return new(cluster);
    }

    /// <summary>Starts a replica; its caches are filled then, but it may have no keys yet.</summary>
    public async Task<Operator> StartAsync(string name, bool leaderElect = false)
    {
        var client = Cluster.NewClient($"replica-{name}");
        var options = new KubeTemplaterOptions { OperatorNamespace = OperatorNamespace, HealthProbeBindAddress = "0", Sharding = !leaderElect, LeaderElect = leaderElect };
        var running = await RunningOperator.StartAsync(KubeTemplaterOperator.Build(client, options, NullLoggerFactory.Instance), Stop);
        _running[name] = (running, client);
        return running.Operator;
    }

    /// <summary>Stops one in order.</summary>
    public async Task StopAsync(string name)
    {
        if (_running.TryRemove(name, out var one))
        {
            await one.Running.DisposeAsync();
            one.Client.Dispose();
        }
    }

    /// <summary>Until each of so many replicas has said that it knows the others.</summary>
    public Task SharedByAsync(int replicas) => Eventually.SeeAsync(
        $"{replicas} replicas that know each other",
        async ct => string.Join(" | ", (await Cluster.Client.ListAsync<Lease>(new() { Namespace = OperatorNamespace, LabelSelector = "capstan.internal/shard-group=kubetemplater" }, ct)).Items
            .Where(lease => lease.Spec?.HolderIdentity is { Length: > 0 })
            .Select(lease => lease.Metadata.Annotations?.GetValueOrDefault(ViewAnnotation, "") ?? "")),
        views => views.Split(" | ") is var all && all.Length == replicas && all.All(view => view == all[0] && view.Split(',').Length == replicas),
        TimeSpan.FromSeconds(60),
        Stop);

    /// <summary>Creates or changes templates of two objects each.</summary>
    public Task PutAsync(int from, int count, int version) => Parallel.ForAsync(from, from + count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Stop }, async (i, ct) =>
        await Cluster.Client.ApplyAsync(
            KubeTemplate.Resource,
            new(Namespace, $"t{i}"),
            System.Text.Encoding.UTF8.GetBytes($$$$$$"""
                {"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplate","metadata":{"name":"t{{{{{{i}}}}}}","namespace":"{{{{{{Namespace}}}}}}"},
                 "spec":{"templates":[{"object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"t{{{{{{i}}}}}}-a"},"data":{"v":"{{{{{{version}}}}}}"}}},
                                      {"object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"t{{{{{{i}}}}}}-b"},"data":{"v":"{{{{{{version}}}}}}"}}}]}}
                """),
            new() { FieldManager = "test" },
            ct));

    /// <summary>Until all templates are completed in their present version.</summary>
    public Task CompletedAsync(int count) => Eventually.SeeAsync(
        $"{count} completed templates",
        async ct => string.Join(", ", (await Cluster.Client.ListAsync<KubeTemplate>(new() { Namespace = Namespace }, ct)).Items
            .GroupBy(t => t.Status?.ObservedGeneration == t.Metadata.Generation ? t.Status?.ProcessingPhase ?? "none" : "old").Select(g => $"{g.Key}: {g.Count().ToString(CultureInfo.InvariantCulture)}")),
        phases => phases == $"{Phases.Completed}: {count}",
        TimeSpan.FromMinutes(2),
        Stop);

    /// <summary>Applies of objects since a place in the notes, by object, with who did it.</summary>
    public ILookup<string, string> Applies(int since) => Notes(since).Where(note => note is { Verb: "patch", Resource: "configmaps" }).ToLookup(note => note.Name, note => Who(note.UserAgent));

    /// <summary>Statuses of templates written since a place in the notes, by template, with who did it.</summary>
    public ILookup<string, string> Statuses(int since) =>
        Notes(since).Where(note => note is { Verb: "patch", Resource: "kubetemplates.kubetemplater.io/status" }).ToLookup(note => note.Name, note => Who(note.UserAgent));

    /// <summary>Where the notes end now.</summary>
    public int Here => Cluster.Faults.Injected.Count;

    /// <summary>The live objects.</summary>
    public async Task<IReadOnlyList<DynamicObject>> ObjectsAsync(CancellationToken cancellationToken) =>
        (await Cluster.Client.ListAsync(ConfigMaps, new() { Namespace = Namespace, LabelSelector = "kubetemplater.io/template-name" }, cancellationToken)).Items;

    public Task SpoilAsync(string name) => Cluster.Client.PatchAsync(ConfigMaps, new(Namespace, name), PatchType.Merge, """{"data":{"v":"spoilt"}}"""u8.ToArray(), cancellationToken: Stop);

    public async ValueTask DisposeAsync()
    {
        Cluster.Faults.Clear();
        foreach (var name in _running.Keys)
        {
            await StopAsync(name);
        }

        await Cluster.DisposeAsync();
    }

    private IEnumerable<InjectedFault> Notes(int since) => Cluster.Faults.Injected.Skip(since).Where(note => note.Fault == Noted && note.UserAgent.StartsWith("replica-", StringComparison.Ordinal));

    private static string Who(string userAgent) => userAgent["replica-".Length..].Split('/', ' ')[0];
}
