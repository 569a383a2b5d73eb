using System.Text;
using Capstan;
using Capstan.Testing;

namespace KubeTemplater.Bench.Templates;

/// <summary>Where templates are made: a server that a kubeconfig names, in two namespaces that are deleted afterwards, or one in this process.</summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    /// <summary>Namespace of the policy.</summary>
    public const string OperatorNamespace = "kubetemplater-bench-system";

    /// <summary>Namespace of the templates and of their objects.</summary>
    public const string Namespace = "kubetemplater-bench";

    public static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", false);

    private readonly TestCluster? _embedded;

    private BenchCluster(TestCluster? embedded, string kubeconfig)
    {
        _embedded = embedded;
        Kubeconfig = kubeconfig;
        Client = NewClient("bench");
    }

    public string Kubeconfig { get; }

    public KubeClient Client { get; }

    public bool IsReal => _embedded is null;

    public static async Task<BenchCluster> StartAsync(string? kubeconfig)
    {
        var embedded = kubeconfig is null ? await TestCluster.StartAsync(new() { Controllers = false }) : null;
        var cluster = new BenchCluster(embedded, kubeconfig ?? embedded!.KubeconfigPath);
        if (embedded is not null)
        {
            foreach (var definition in Manifests.CustomResourceDefinitions)
            {
                await embedded.InstallAsync(definition);
            }
        }

        foreach (var name in new[] { OperatorNamespace, Namespace })
        {
            await cluster.Client.CreateAsync(Namespaces, Parse("{\"metadata\":{\"name\":\"" + name + "\"}}"));
        }

        await cluster.Client.CreateAsync(Resources.KubeTemplatePolicy.Resource, Parse($$$"""
            {"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplatePolicy","metadata":{"name":"bench","namespace":"{{{OperatorNamespace}}}"},
             "spec":{"sourceNamespace":"{{{Namespace}}}","validationRules":[{"kind":"ConfigMap","group":"","version":"v1","targetNamespaces":["{{{Namespace}}}"]}]}}
            """));
        return cluster;
    }

    public KubeClient NewClient(string userAgent) => new(KubeConfig.Load(Kubeconfig), new() { UserAgent = userAgent });

    /// <summary>Two config maps, as the peers' figures have them.</summary>
    public static DynamicObject Template(string name) => Parse($$$"""
        {"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplate","metadata":{"name":"{{{name}}}","namespace":"{{{Namespace}}}"},
         "spec":{"templates":[{"object":{{{Map(name, "a")}}}},{"object":{{{Map(name, "b")}}}}]}}
        """);

    /// <summary>One of them.</summary>
    public static string Map(string template, string which) => $$$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{template}}}-{{{which}}}","namespace":"{{{Namespace}}}","labels":{"app":"bench"}},"data":{"mode":"fast","owner":"{{{template}}}"}}
        """;

    public async ValueTask DisposeAsync()
    {
        if (IsReal)
        {
            foreach (var name in new[] { Namespace, OperatorNamespace })
            {
                await Client.DeleteAsync(Namespaces, ObjectKey.ClusterScoped(name));
            }

            await Eventually.SeeAsync(
                "the namespaces to be gone", ct => Client.FindAsync(Namespaces, ObjectKey.ClusterScoped(Namespace), ct), left => left is null, TimeSpan.FromMinutes(30));
        }

        Client.Dispose();
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
    }

    private static DynamicObject Parse(string json) => DynamicObject.Parse(Encoding.UTF8.GetBytes(json));
}
