using Capstan.ApiServer;
using Capstan.Cluster;
using Capstan.Cluster.Manifests;
using Capstan.Cluster.Node;
using Microsoft.Extensions.Logging;

namespace Capstan.Testing;

/// <summary>A cluster of one's own in the test process: a real API server on a free port of 127.0.0.1, its state in memory.</summary>
/// <remarks>Thread-safe. Any client may be pointed at <see cref="KubeconfigPath"/>: kubectl, another process, a client in another language.</remarks>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-test-");
    private readonly List<KubeClient> _clients = [];
    private readonly EmbeddedApiServer _server;
    private RunningOperator? _controllers;
    private LocalNode? _node;

    private TestCluster(EmbeddedApiServer server, ClusterFaults faults)
    {
        _server = server;
        Faults = faults;
        KubeconfigPath = Path.Combine(_directory.FullName, "kubeconfig");
        server.WriteKubeconfig(KubeconfigPath);
        Client = NewClient("capstan-testing");
    }

    /// <summary>A kubeconfig of a cluster administrator; the file goes with the cluster.</summary>
    public string KubeconfigPath { get; }

    /// <summary>A client of a cluster administrator.</summary>
    public KubeClient Client { get; }

    /// <summary>What goes wrong between the server and its clients: nothing, until a test adds something.</summary>
    public ClusterFaults Faults { get; }

    /// <summary>Address of the API server.</summary>
    public Uri Url => _server.Url;

    /// <summary>Starts the server, and by default the cluster's controllers.</summary>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up; what was started is stopped.</param>
    public static async Task<TestCluster> StartAsync(TestClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new TestClusterOptions();
        var faults = new ClusterFaults(options.FaultSeed, options.ApiServer.Clock);
        var server = await EmbeddedApiServer.StartAsync(
            options.ApiServer with
            {
                Clock = faults.Clock,
                Around = faults.Around,

                // With controllers every namespace has its account, so that pods can be held to it.
                ServiceAccountAdmission = options.ApiServer.ServiceAccountAdmission || options.Controllers,
            },
            cancellationToken);
        var cluster = new TestCluster(server, faults);
        try
        {
            if (options.Controllers)
            {
                cluster._controllers = await RunningOperator.StartAsync(ClusterControllers.Build(cluster.Client, options.Logs), cancellationToken);
            }

            if (options.Node is { } node)
            {
                cluster._node = await LocalNode.StartAsync(cluster.Client, node, cancellationToken);
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Forgets the changes so far: a watch or list from an older resourceVersion is answered with 410, as after a long time.</summary>
    public void Compact() => _server.Compact();

    /// <summary>Another client, with connections of its own; it is disposed with the cluster.</summary>
    /// <param name="userAgent">What the server sees it as; its writes' field manager is the part before a slash.</param>
    public KubeClient NewClient(string userAgent)
    {
        var client = new KubeClient(KubeConfig.Load(KubeconfigPath), new KubeClientOptions { UserAgent = userAgent });
        lock (_clients)
        {
            _clients.Add(client);
        }

        return client;
    }

    /// <summary>Applies manifests: definitions first, and returns once their kinds are served.</summary>
    /// <exception cref="FormatException">The text is no manifest.</exception>
    /// <exception cref="ApiException">The server refused an object.</exception>
    public Task InstallAsync(string yaml, CancellationToken cancellationToken = default) =>
        new ManifestInstaller(Client, "capstan-testing").ApplyAsync(ManifestReader.Read(yaml, "manifest"), cancellationToken);

    /// <summary>Stops everything; the state is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        if (_controllers is not null)
        {
            await _controllers.DisposeAsync();
        }

        lock (_clients)
        {
            _clients.ForEach(client => client.Dispose());
        }

        await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}

/// <summary>How a <see cref="TestCluster"/> is started.</summary>
public sealed record TestClusterOptions
{
    /// <summary>The server's options; the port should stay 0, so that tests run side by side.</summary>
    public ApiServerOptions ApiServer { get; init; } = new();

    /// <summary>Whether the cluster's controllers run: without them a deleted namespace stays. Default true.</summary>
    public bool Controllers { get; init; } = true;

    /// <summary>The node on which pods run, and how. Default null: there is none, and pods stay pending.</summary>
    public LocalNodeOptions? Node { get; init; }

    /// <summary>Seed of the chance in <see cref="TestCluster.Faults"/>. Default 1.</summary>
    public int FaultSeed { get; init; } = 1;

    /// <summary>Where logs go. Default: nowhere.</summary>
    public ILoggerFactory? Logs { get; init; }
}
