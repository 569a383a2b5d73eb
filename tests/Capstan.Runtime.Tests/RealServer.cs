using Xunit;

namespace Capstan.Runtime.Tests;

/// <summary>A client of the server that <c>CAPSTAN_TEST_KUBECONFIG</c> names, and a namespace of its own there.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", false);

    private RealServer(KubeClient client, string @namespace)
    {
        Client = client;
        Namespace = @namespace;
    }

    public KubeClient Client { get; }

    public string Namespace { get; }

    public static async Task<RealServer> ConnectAsync()
    {
        var path = Environment.GetEnvironmentVariable("CAPSTAN_TEST_KUBECONFIG");
        Assert.SkipWhen(string.IsNullOrEmpty(path), "CAPSTAN_TEST_KUBECONFIG names no cluster");
        var client = new KubeClient(KubeConfig.Load(path));
        var json = """{"apiVersion":"v1","kind":"Namespace","metadata":{"generateName":"capstan-test-"}}"""u8.ToArray();
        var made = await client.CreateAsync(Namespaces, DynamicObject.Parse(json), cancellationToken: TestContext.Current.CancellationToken);
        return new(client, made.Key.Name);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DeleteAsync(Namespaces, ObjectKey.ClusterScoped(Namespace));
        Client.Dispose();
    }
}
