using Capstan;
using Capstan.Cluster;
using Capstan.Cluster.Manifests;
using KubeTemplater;
using KubeTemplater.Resources;
using Microsoft.Extensions.Logging.Abstractions;

namespace EndToEnd.Tests.Programs;

/// <summary>KubeTemplater at work in the cluster of these tests, with a client and the ServiceAccount of its own, as in production.</summary>
/// <remarks>The first test that asks starts it.</remarks>
public sealed class KubeTemplaterFixture(ClusterFixture cluster) : IAsyncLifetime
{
    /// <summary>Namespace whose policies count.</summary>
    public const string OperatorNamespace = Manifests.Namespace;

    private const string PolicyLabel = "capstan-end-to-end";

    private KubeClient? _client;
    private KubeClient? _own;
    private ServiceAccountLogin? _login;
    private RunningOperator? _running;

    /// <summary>The operator that runs now.</summary>
    internal Operator Operator => _running!.Operator;

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Makes sure that the operator runs, and gives kubectl in a namespace of its own; a policy lets it have what these tests make.</summary>
    internal async Task<Kubectl> KubectlAsync(bool withPolicy = true)
    {
        await StartAsync();
        var kubectl = await cluster.KubectlAsync();
        if (withPolicy)
        {
            await ApplyPolicyAsync(kubectl, kubectl.Namespace, "{kind: ConfigMap, group: '', version: v1, targetNamespaces: [NS]}, {kind: Service, group: '', version: v1, targetNamespaces: [NS]}, {kind: Deployment, group: apps, version: v1, targetNamespaces: [NS]}");
        }

        return kubectl;
    }

    /// <summary>Applies a policy named <paramref name="name"/> for the namespace of <paramref name="kubectl"/>; <c>NS</c> in the rules stands for it.</summary>
    internal static Task ApplyPolicyAsync(Kubectl kubectl, string name, string rules) => kubectl.DoWithAsync(
        $$"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplatePolicy
        metadata: {name: {{name}}, namespace: {{OperatorNamespace}}, labels: { {{PolicyLabel}}: "" } }
        spec: {sourceNamespace: {{kubectl.Namespace}}, validationRules: [{{rules.Replace("NS", kubectl.Namespace, StringComparison.Ordinal)}}] }
        """,
        "apply", "-n", OperatorNamespace, "-f", "-");

    /// <summary>Starts the operator unless it runs.</summary>
    internal async Task StartAsync()
    {
        if (_running is not null)
        {
            return;
        }

        var stop = TestContext.Current.CancellationToken;
        _client ??= cluster.NewClient("e2e");
        await new ManifestInstaller(_client, "e2e").ApplyAsync(
            Manifests.CustomResourceDefinitions
                .Append(Manifests.Access)
                .SelectMany(text => ManifestReader.Read(text, "kubetemplater")),
            stop);
        _login ??= await ServiceAccountLogin.StartAsync(_client, new ObjectKey(OperatorNamespace, Manifests.ServiceAccount), stop);
        _own ??= new KubeClient(_login.Config, new KubeClientOptions { UserAgent = "kubetemplater" });
        var options = new KubeTemplaterOptions { OperatorNamespace = OperatorNamespace, MetricsBindAddress = "127.0.0.1:0", MetricsSecure = false, HealthProbeBindAddress = "127.0.0.1:0" };
        _running = await RunningOperator.StartAsync(KubeTemplaterOperator.Build(_own, options, NullLoggerFactory.Instance), stop);
    }

    /// <summary>Stops the operator.</summary>
    internal async Task StopAsync()
    {
        if (_running is not null)
        {
            await _running.DisposeAsync();
            _running = null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (cluster.IsExternal && _client is not null)
        {
            // Policies of namespaces that are gone would stay in somebody else's cluster.
            await _client.DeleteCollectionAsync(KubeTemplatePolicy.Resource, new ListOptions { Namespace = OperatorNamespace, LabelSelector = PolicyLabel });
        }

        _own?.Dispose();
        if (_login is not null)
        {
            await _login.DisposeAsync();
        }

        _client?.Dispose();
    }
}

/// <summary>The tests that share the operator.</summary>
[CollectionDefinition(Name)]
public sealed class WithKubeTemplater : ICollectionFixture<KubeTemplaterFixture>
{
    public const string Name = "with KubeTemplater";
}
