using System.Text;
using Capstan.Caching;
using Capstan.Cluster.Manifests;
using Capstan.Cluster.Serving;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Cluster.Metrics;

/// <summary>What metrics-server does: asks the kubelets what their containers use, and serves it as <c>metrics.k8s.io/v1beta1</c>, an aggregated API, to <c>kubectl top</c> and autoscalers.</summary>
/// <remarks>Installs its Service, EndpointSlice, APIService and ClusterRole, which stay when it stops: the API is unavailable then. Only the API server may call it. Thread-safe.</remarks>
public sealed class MetricsServer : IAsyncDisposable
{
    private static readonly ResourceType Pods = new("", "v1", "Pod", "pods", Namespaced: true);
    private static readonly ResourceType Nodes = new("", "v1", "Node", "nodes", Namespaced: false);
    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);

    private readonly RunningOperator _operator;
    private readonly HttpsEndpoint _endpoint;
    private readonly ClientCertificates _clients;
    private int _disposed;

    private MetricsServer(RunningOperator running, HttpsEndpoint endpoint, ClientCertificates clients) => (_operator, _endpoint, _clients) = (running, endpoint, clients);

    /// <summary>Ends when the server has ended: after a stop, or with the exception that ended it.</summary>
    public Task Ended => _operator.Ended;

    /// <summary>Starts, and returns once it is installed; the API becomes available in the moments after.</summary>
    /// <param name="client">Client of a cluster administrator; not disposed, needed for as long as the server.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up; what was started is stopped.</param>
    /// <exception cref="ApiException">The cluster does not aggregate, or refuses its objects.</exception>
    /// <exception cref="IOException">The address cannot be bound.</exception>
    public static async Task<MetricsServer> StartAsync(KubeClient client, MetricsServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MetricsServerOptions();
        var (time, logs) = (client.Options.TimeProvider, options.Logs ?? NullLoggerFactory.Instance);

        // 1. Who may call: the API server, by the authority that it tells.
        var authentication = (await client.GetAsync(ConfigMaps, new ObjectKey("kube-system", "extension-apiserver-authentication"), cancellationToken)).ToJson();
        var clients = new ClientCertificates((string?)authentication["data"]?["requestheader-client-ca-file"] ?? "", time);
        RunningOperator? running = null;
        HttpsEndpoint? endpoint = null;
        try
        {
            // 2. What is known: names and labels, and samples of what runs.
            var builder = new OperatorBuilder(client, new OperatorOptions { Name = "metrics-server", LoggerFactory = logs, TimeProvider = time });
            var book = new UsageBook();
            var (pods, nodes) = (builder.AddInformer(Pods, new InformerOptions { MetadataOnly = true }), builder.AddInformer(Nodes, new InformerOptions { MetadataOnly = true }));
            builder.AddRunnable(new Sampling(client, nodes, book, options.Window, logs).RunAsync);
            running = await RunningOperator.StartAsync(builder.Build(), cancellationToken);

            // 3. The server, and then what leads to it.
            var api = new MetricsApi(book, pods, nodes, clients, options.Window, time);
            endpoint = await HttpsEndpoint.StartAsync(options.Address, "metrics-server", api.AnswerAsync, logs, cancellationToken);
            await new ManifestInstaller(client, "metrics-server").ApplyAsync(ManifestReader.Read(Manifest(options, endpoint.Port), "metrics-server"), cancellationToken);
            return new(running, endpoint, clients);
        }
        catch
        {
            await (endpoint?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (running?.DisposeAsync() ?? ValueTask.CompletedTask);
            clients.Dispose();
            throw;
        }
    }

    /// <summary>Stops to ask and to serve.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _endpoint.DisposeAsync();
            await _operator.DisposeAsync();
            _clients.Dispose();
        }
    }

    private static string Manifest(MetricsServerOptions options, int port) => $$"""
        {apiVersion: v1, kind: Service, metadata: {name: metrics-server, namespace: kube-system, labels: {k8s-app: metrics-server} },
         spec: {ports: [{name: https, port: 443, protocol: TCP, targetPort: {{port}} }] } }
        ---
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
         metadata: {name: metrics-server, namespace: kube-system, labels: {kubernetes.io/service-name: metrics-server, endpointslice.kubernetes.io/managed-by: capstan} },
         addressType: IPv4, ports: [{name: https, port: {{port}}, protocol: TCP}], endpoints: [{addresses: ["{{options.Address.Address}}"], conditions: {ready: true} }]}
        ---
        {apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1beta1.metrics.k8s.io, labels: {k8s-app: metrics-server} },
         spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: {name: metrics-server, namespace: kube-system, port: 443 } } }
        ---
        {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole,
         metadata: {name: "system:aggregated-metrics-reader", labels: {k8s-app: metrics-server, rbac.authorization.k8s.io/aggregate-to-admin: "true",
          rbac.authorization.k8s.io/aggregate-to-edit: "true", rbac.authorization.k8s.io/aggregate-to-view: "true"} },
         rules: [{apiGroups: [metrics.k8s.io], resources: [pods, nodes], verbs: [get, list, watch]}]}
        """;

    /// <summary>Asks all nodes, round after round.</summary>
    private sealed class Sampling(KubeClient client, Informer nodes, UsageBook book, TimeSpan window, Microsoft.Extensions.Logging.ILoggerFactory logs)
    {
        private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
        private readonly Microsoft.Extensions.Logging.ILogger _logger = logs.CreateLogger("capstan.metrics-server");

        // Told once for each silence, and not for a single round: a node that is stopping is still there for a moment.
        private readonly Dictionary<string, int> _silentRounds = [];

        public async Task RunAsync(CancellationToken stop)
        {
            while (true)
            {
                var known = nodes.Cache.Keys.Select(k => k.Name).ToHashSet();
                _silentRounds.Keys.Except(known).ToList().ForEach(gone => _silentRounds.Remove(gone));
                var told = new Dictionary<string, IReadOnlyDictionary<ContainerKey, Sample>>();
                foreach (var node in known)
                {
                    try
                    {
                        told[node] = ResourcePage.Read(Encoding.UTF8.GetString(await client.GetRawAsync($"/api/v1/nodes/{node}/proxy/metrics/resource", "*/*", stop)));
                        _silentRounds.Remove(node);
                    }
                    catch (Exception e) when (e is ApiException or HttpRequestException or IOException or TimeoutException)
                    {
                        if ((_silentRounds[node] = _silentRounds.GetValueOrDefault(node) + 1) == 2)
                        {
                            Log.NodeSilent(_logger, node, e.Message);
                        }
                    }
                }

                book.Take(told, known);

                // The first pods of a cluster are asked for usage as soon as they run.
                await Task.Delay(book.Pods().Count == 0 && Soon < window ? Soon : window, client.Options.TimeProvider, stop);
            }
        }
    }
}
