using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests;

/// <summary>A client and a namespace of its own at a whole API server: ours, or the one that <c>CAPSTAN_TEST_KUBECONFIG</c> names.</summary>
internal sealed class AnyServer : IAsyncDisposable
{
    public const string Embedded = "embedded";
    public const string Real = "real";

    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", false);

    private readonly TestCluster? _cluster;

    private AnyServer(KubeClient client, string @namespace, TestCluster? cluster)
    {
        Client = client;
        Namespace = @namespace;
        _cluster = cluster;
    }

    public static TheoryData<string> Kinds => [Embedded, Real];

    public KubeClient Client { get; }

    public string Namespace { get; }

    public static async Task<AnyServer> ConnectAsync(string kind)
    {
        var cancel = TestContext.Current.CancellationToken;
        TestCluster? cluster = null;
        KubeClient client;
        if (kind == Real)
        {
            var path = Environment.GetEnvironmentVariable("CAPSTAN_TEST_KUBECONFIG");
            Assert.SkipWhen(string.IsNullOrEmpty(path), "CAPSTAN_TEST_KUBECONFIG names no cluster");
            client = new KubeClient(KubeConfig.Load(path));
        }
        else
        {
            cluster = await TestCluster.StartAsync(new() { Controllers = false }, cancel);
            client = cluster.Client;
        }

        var json = """{"apiVersion":"v1","kind":"Namespace","metadata":{"generateName":"capstan-test-"}}"""u8.ToArray();
        var made = await client.CreateAsync(Namespaces, DynamicObject.Parse(json), cancellationToken: cancel);
        return new(client, made.Key.Name, cluster);
    }

    /// <summary>A real server takes pods of a namespace only once its controllers have made the account that they run as.</summary>
    public async Task WaitForDefaultAccountAsync()
    {
        var accounts = new ResourceType("", "v1", "ServiceAccount", "serviceaccounts", true);
        if (_cluster is not null)
        {
            return;
        }

        await Eventually.SeeAsync("the controllers to make the default account", token => Client.FindAsync(accounts, new(Namespace, "default"), token), found => found is not null, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DeleteAsync(Namespaces, ObjectKey.ClusterScoped(Namespace));
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
        else
        {
            Client.Dispose();
        }
    }
}
