using System.Globalization;
using System.Text.RegularExpressions;
using Capstan;
using Capstan.Cluster;
using Capstan.Cluster.Proxy;
using Capstan.Testing;
using Databases.Resources;
using Microsoft.Extensions.Logging.Abstractions;

namespace Databases.Tests;

/// <summary>A cluster with the definitions, pods that become ready without running, and the operator on it as a process would run it.</summary>
public sealed class OperatorUnderTest : IAsyncDisposable
{
    private readonly KubeClient _operatorClient;
    private readonly IAsyncDisposable _pods;
    private readonly ServerFiles? _files;
    private RunningOperator? _running;

    private OperatorUnderTest(TestCluster cluster, IAsyncDisposable pods, ServerFiles? files)
    {
        Cluster = cluster;
        (_pods, _files) = (pods, files);
        _operatorClient = cluster.NewClient("database-operator");
    }

    public TestCluster Cluster { get; }

    public KubeClient Client => Cluster.Client;

    public Operator Operator => _running!.Operator;

    /// <param name="options">Of the operator.</param>
    /// <param name="runsServers">Whether pods are servers of this machine, which the operator connects to; else they are said to be ready.</param>
    public static async Task<OperatorUnderTest> StartAsync(DatabaseOperatorOptions? options = null, bool runsServers = false)
    {
        var files = runsServers ? new ServerFiles() : null;
        var cluster = await TestCluster.StartAsync(new() { Node = files is null ? null : new() { StateDirectory = files.Path } });
        foreach (var definition in Manifests.CustomResourceDefinitions)
        {
            await cluster.InstallAsync(definition);
        }

        await cluster.InstallAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {Manifests.Namespace}}}}}");
        var result = new OperatorUnderTest(cluster, runsServers ? await ServiceProxy.StartAsync(cluster.Client) : new ReadyPods(cluster.NewClient("kubelet")), files);
        await result.StartOperatorAsync(options);
        cluster.Client.Discovery.Forget();
        return result;
    }

    public async Task StartOperatorAsync(DatabaseOperatorOptions? options = null)
    {
        var hasServers = _pods is ServiceProxy;
        options = (options ?? new()) with { Connect = hasServers, MetricsBindAddress = "127.0.0.1:0", HealthProbeBindAddress = "0" };
        _running = await RunningOperator.StartAsync(DatabaseOperator.Build(_operatorClient, options, NullLoggerFactory.Instance, hasServers ? new QuickTime() : null));
    }

    /// <summary>Has the API server ask the operator, which must serve its webhooks, before it stores a Database.</summary>
    public async Task AskOperatorAsync()
    {
        await Cluster.InstallAsync(Manifests.Admission);
        foreach (var (kind, plural) in ((string, string)[])[("MutatingWebhookConfiguration", "mutatingwebhookconfigurations"), ("ValidatingWebhookConfiguration", "validatingwebhookconfigurations")])
        {
            var type = new ResourceType("admissionregistration.k8s.io", "v1", kind, plural, Namespaced: false);
            await Eventually.SeeAsync(
                $"{kind} to lead to the operator", token => Client.ListAsync(type, cancellationToken: token), list => list.Items.All(one => (string?)one.ToJson()["webhooks"]![0]!["clientConfig"]!["url"] is not null));
        }
    }

    public async Task<string> MetricsAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://127.0.0.1:{Operator.MetricsPort}/metrics"));
    }

    public ValueTask StopOperatorAsync() => _running!.DisposeAsync();

    public async Task<string> NamespaceAsync(string name)
    {
        await Cluster.InstallAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}");
        return name;
    }

    /// <summary>The Database, once its status speaks of its present spec and has this phase.</summary>
    public Task<Database> SeenAsync(string @namespace, string name, string phase, Func<Database, bool>? holds = null) => Eventually.SeeAsync(
        $"{@namespace}/{name} to be {phase}",
        token => Client.GetAsync<Database>(new(@namespace, name), token),
        database => database.Status?.Phase == phase && database.Status.ObservedGeneration == database.Metadata.Generation && holds?.Invoke(database) != false);

    internal Task<DynamicObject> FindAsync(ResourceType type, string @namespace, string name, Func<DynamicObject, bool>? holds = null) => Eventually.SeeAsync(
        $"{type.Kind} {name}", token => Client.GetAsync(type, new(@namespace, name), token), found => holds?.Invoke(found) != false);

    /// <summary>Changes the spec.</summary>
    public Task<Database> ChangeAsync(string @namespace, string name, string spec) =>
        Client.PatchAsync<Database>(new(@namespace, name), PatchType.Merge, System.Text.Encoding.UTF8.GetBytes($$"""{"spec": {{spec}}}"""));

    /// <summary>Changes the spec of a Backup.</summary>
    public Task<Backup> ChangeBackupAsync(string @namespace, string name, string spec) =>
        Client.PatchAsync<Backup>(new(@namespace, name), PatchType.Merge, System.Text.Encoding.UTF8.GetBytes($$"""{"spec": {{spec}}}"""));

    /// <summary>Requests that the operator's client has sent for objects, by verb and resource, as the server counted them.</summary>
    public async Task<IReadOnlyDictionary<string, long>> WritesAsync()
    {
        var page = System.Text.Encoding.UTF8.GetString(await Client.GetRawAsync("/metrics"));
        return Regex.Matches(page, @"^apiserver_request_total\{(.*)\} (\d+)$", RegexOptions.Multiline)
            .Select(line => (Labels: Labels(line.Groups[1].Value), Count: long.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture)))
            .GroupBy(line => $"{line.Labels["verb"]} {line.Labels["resource"]}{(line.Labels.GetValueOrDefault("subresource") is { Length: > 0 } sub ? $"/{sub}" : "")}")
            .ToDictionary(group => group.Key, group => group.Sum(line => line.Count));

        static Dictionary<string, string> Labels(string text) =>
            Regex.Matches(text, "(\\w+)=\"([^\"]*)\"").ToDictionary(one => one.Groups[1].Value, one => one.Groups[2].Value);
    }

    public async ValueTask DisposeAsync()
    {
        await StopOperatorAsync();
        await _pods.DisposeAsync();
        await Cluster.DisposeAsync();
        _files?.Dispose();
    }
}

/// <summary>One cluster and operator for the tests of a class; each takes a namespace of its own.</summary>
public sealed class SharedOperator : IAsyncLifetime
{
    public OperatorUnderTest Running { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Running = await OperatorUnderTest.StartAsync();

    public ValueTask DisposeAsync() => Running.DisposeAsync();
}
