using System.Net.Http.Headers;
using System.Net.Security;
using System.Text.Json.Nodes;

namespace Capstan.Tool.Load.Measuring;

/// <summary>Metrics pages of all replicas of an operator: of its pods, each through a forwarded port, or of given URLs.</summary>
/// <remarks>The API server's proxy to pods keeps the caller's token to itself, and a page that wants one says no: so a connection of our own, as kubectl port-forward makes it.</remarks>
/// <param name="client">The cluster.</param>
/// <param name="operatorNamespace">Namespace of the pods.</param>
/// <param name="urls">Pages to read in place of the pods'.</param>
/// <param name="token">A token whose account may read metrics.</param>
internal sealed class ReplicaPages(KubeClient client, string operatorNamespace, IReadOnlyList<string> urls, string token) : IDisposable
{
    /// <summary>Label of the pods of an operator.</summary>
    public const string Selector = "control-plane=controller-manager";

    private const int UsualPort = 8443;

    private static readonly ResourceType Pods = new("", "v1", "Pod", "pods", Namespaced: true);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, HttpClient> _clients = new(StringComparer.Ordinal);
    private readonly HashSet<string> _plain = new(StringComparer.Ordinal);

    /// <summary>Reads the pages of all replicas that answer.</summary>
    /// <param name="notRead">Told of each that does not.</param>
    /// <param name="stop">Cancels.</param>
    public async Task<IReadOnlyList<(string Replica, string Page)>> ReadAsync(Action<string> notRead, CancellationToken stop)
    {
        var replicas = urls.Count > 0 ? urls.Select(url => new Replica(url, new Uri(url), default, 0)).ToList() : await PodsAsync(stop);
        var pages = await Task.WhenAll(replicas.Select(async replica =>
        {
            try
            {
                return (replica.Name, Page: await GetAsync(replica, stop));
            }
            catch (Exception fault) when (!stop.IsCancellationRequested && fault is HttpRequestException or IOException or OperationCanceledException)
            {
                notRead($"{replica.Name}: {fault.GetBaseException().Message}");
                return (replica.Name, Page: "");
            }
        }));
        return [.. pages.Where(page => page.Page.Length > 0)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var one in _clients.Values)
        {
            one.Dispose();
        }
    }

    private async Task<List<Replica>> PodsAsync(CancellationToken stop)
    {
        var pods = await client.ListAsync(Pods, new ListOptions { Namespace = operatorNamespace, LabelSelector = Selector }, stop);
        return
        [
            .. from pod in pods.Items
               where pod.DeletionTimestamp is null && IsReady(pod)
               select new Replica(pod.Key.Name, new Uri($"https://{pod.Key.Name}/metrics"), pod.Key, PortOf(pod)),
        ];
    }

    private async Task<string> GetAsync(Replica replica, CancellationToken stop)
    {
        var (name, url, pod, port) = replica;
        HttpClient http;
        bool isPlain;
        lock (_clients)
        {
            http = _clients.TryGetValue(name, out var known) ? known : _clients[name] = NewClient(pod, port);
            isPlain = _plain.Contains(name);
        }

        try
        {
            return await http.GetStringAsync(isPlain ? PlainOf(url) : url, stop);
        }
        catch (HttpRequestException noTls) when (port > 0 && !isPlain && noTls.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            // Run with --metrics-secure=false.
            var page = await http.GetStringAsync(PlainOf(url), stop);
            lock (_clients)
            {
                _plain.Add(name);
            }

            return page;
        }
    }

    private static Uri PlainOf(Uri url) => new($"http://{url.Host}{url.AbsolutePath}");

    private HttpClient NewClient(ObjectKey pod, int port)
    {
        var handler = new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5) };
        if (port > 0)
        {
            handler.ConnectCallback = async (_, stop) => await client.PortForwardAsync(pod, port, stop);
        }

#pragma warning disable CA5359 // the page's certificate is one that the operator made for itself; whose pod it is, the API server knows
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
#pragma warning restore CA5359
        var http = new HttpClient(handler) { Timeout = Patience };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    // One that still starts would answer nobody.
    private static bool IsReady(DynamicObject pod) => (pod.ToJson()["status"]?["conditions"] as JsonArray ?? [])
        .Any(condition => (string?)condition?["type"] == "Ready" && (string?)condition["status"] == "True");

    private static int PortOf(DynamicObject pod)
    {
        var ports = (pod.ToJson()["spec"]?["containers"]?.AsArray() ?? []).SelectMany(container => container?["ports"]?.AsArray() ?? []);
        return (int?)ports.FirstOrDefault(port => (string?)port?["name"] is "metrics" or "https")?["containerPort"] ?? UsualPort;
    }

    /// <summary>A replica.</summary>
    /// <param name="Name">Pod, or URL.</param>
    /// <param name="Url">Its page.</param>
    /// <param name="Pod">Its pod.</param>
    /// <param name="Port">Port of the pod; 0: the URL is asked as it is.</param>
    private sealed record Replica(string Name, Uri Url, ObjectKey Pod, int Port);
}
