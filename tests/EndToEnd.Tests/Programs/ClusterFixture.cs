using Capstan;
using Capstan.Cluster.Manifests;
using Capstan.Testing;
using EndToEnd.Tests.Programs;

[assembly: AssemblyFixture(typeof(ClusterFixture))]

namespace EndToEnd.Tests.Programs;

/// <summary>The cluster of all tests here: the one that <c>CAPSTAN_TEST_KUBECONFIG</c> names, else an embedded one of this process.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("capstan-e2e-");
    private readonly List<Kubectl> _made = [];
    private TestCluster? _embedded;
    private string _kubeconfig = "";

    /// <summary>Whether the cluster is a real one, that is not ours.</summary>
    public bool IsExternal => _embedded is null;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("CAPSTAN_TEST_KUBECONFIG") is { Length: > 0 } external)
        {
            _kubeconfig = external;
            return;
        }

        _embedded = await TestCluster.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        _kubeconfig = _embedded.KubeconfigPath;
    }

    /// <summary>The kubeconfig of its administrator.</summary>
    internal string Kubeconfig => _kubeconfig;

    /// <summary>kubectl in a fresh namespace.</summary>
    internal async Task<Kubectl> KubectlAsync()
    {
        var program = RequiredProgram.Find("kubectl");
        Assert.SkipWhen(program.Path is null, program.SkipReason ?? "");
        var kubectl = new Kubectl(program.Path!, _kubeconfig, _home.FullName, $"e2e-{Guid.NewGuid().ToString("n")[..10]}");
        await kubectl.DoWithAsync($"---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: {kubectl.Namespace}}}}}", "create", "-f", "-");
        _made.Add(kubectl);
        return kubectl;
    }

    /// <summary>A client with connections of its own; the caller disposes it.</summary>
    internal KubeClient NewClient(string userAgent) => new(KubeConfig.Load(_kubeconfig), new KubeClientOptions { UserAgent = userAgent });

    /// <summary>Creates the KubeTemplates of a text in a namespace, several at a time: faster than kubectl, which takes one after the other.</summary>
    internal async Task CreateAsync(string @namespace, string yaml)
    {
        using var client = NewClient("e2e");
        await Parallel.ForEachAsync(
            ManifestReader.Read(yaml, "test"),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken },
            async (template, stop) =>
            {
                var json = template.ToJson();
                json["metadata"]!["namespace"] = @namespace;
                await client.CreateAsync(KubeTemplater.Resources.KubeTemplate.Resource, DynamicObject.From(json), cancellationToken: stop);
            });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
        else if (_made.Count > 0)
        {
            // Somebody else's cluster is left as it was.
            await _made[0].TryAsync(["delete", "namespace", "--wait=false", .. _made.Select(kubectl => kubectl.Namespace)]);
        }

        _home.Delete(recursive: true);
    }
}
