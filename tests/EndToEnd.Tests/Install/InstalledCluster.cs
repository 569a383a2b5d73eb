using Capstan.Testing;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Install;

/// <summary>An empty cluster for one test, and kubectl. Kinds of cert-manager and the Prometheus operator are there, without their programs.</summary>
internal sealed class InstalledCluster : IAsyncDisposable
{
    private readonly TestCluster _cluster;

    private readonly string _kubectl;

    private InstalledCluster(TestCluster cluster, string kubectl)
    {
        _cluster = cluster;
        _kubectl = kubectl;
    }

    public static async Task<InstalledCluster> StartAsync()
    {
        var program = RequiredProgram.Find("kubectl");
        Assert.SkipWhen(program.Path is null, program.SkipReason ?? "");
        var stop = TestContext.Current.CancellationToken;
        var cluster = await TestCluster.StartAsync(new() { Controllers = false }, stop);
        await cluster.InstallAsync(
            string.Join("\n---\n", Definition("cert-manager.io", "v1", "Issuer"), Definition("cert-manager.io", "v1", "Certificate"), Definition("monitoring.coreos.com", "v1", "ServiceMonitor"), Definition("monitoring.coreos.com", "v1", "PrometheusRule")),
            stop);
        return new(cluster, program.Path!);
    }

    /// <summary>Runs kubectl for objects of many namespaces, expects exit code 0, and returns standard output without its last line end.</summary>
    public async Task<string> KubectlAsync(params string[] arguments)
    {
        var variables = new Dictionary<string, string> { ["KUBECONFIG"] = _cluster.KubeconfigPath, ["HOME"] = Path.GetDirectoryName(_cluster.KubeconfigPath)!, ["LC_ALL"] = "C" };
        await using var process = RunningProcess.Start(_kubectl, arguments, variables);
        var code = await process.ExitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return new KubectlResult(string.Join(' ', arguments), code, process.Out, process.Err).Success().Out;
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private static string Definition(string group, string version, string kind) => $$$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: {{{kind.ToLowerInvariant()}}}s.{{{group}}}}
        spec:
          group: {{{group}}}
          scope: Namespaced
          names: {kind: {{{kind}}}, plural: {{{kind.ToLowerInvariant()}}}s, singular: {{{kind.ToLowerInvariant()}}}, listKind: {{{kind}}}List}
          versions:
          - {name: {{{version}}}, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true} } }
        """;
}
