namespace Capstan.ApiServer.Tests.Pods;

/// <summary>A server that holds pods to their ServiceAccounts, as a cluster does; without controllers, so that tests make the accounts.</summary>
public sealed class ClusterServer : TestServer
{
    protected override ApiServerOptions Options { get; } = new() { WatchWindow = 500, ServiceAccountAdmission = true };

    /// <summary>A fresh namespace with its account <c>default</c>.</summary>
    public async Task<string> FurnishedAsync()
    {
        var ns = await NamespaceAsync();
        await PostAsync($"{ns}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        return ns;
    }

    public Task<Answer> PostAsync(string path, string body) => SendAsync(HttpMethod.Post, path, body);

    /// <summary>Makes a pod with one container; <paramref name="spec"/> are more fields of its spec, or replace it.</summary>
    public Task<Answer> PodAsync(string ns, string name, string spec = "", string metadata = "") => PostAsync($"{ns}/pods",
        $$$"""{"metadata":{"name":"{{{name}}}"{{{(metadata.Length > 0 ? "," + metadata : "")}}}},"spec":{"containers":[{"name":"c","image":"i:1"}]{{{(spec.Length > 0 ? "," + spec : "")}}}}}""");
}
