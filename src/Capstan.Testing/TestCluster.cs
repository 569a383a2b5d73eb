using Capstan.ApiServer;
using Capstan.Cluster;
using Capstan.Cluster.Manifests;
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

    private TestCluster(EmbeddedApiServer server)
    {
        _server = server;
        KubeconfigPath = Path.Combine(_directory.FullName, "kubeconfig");
        server.WriteKubeconfig(KubeconfigPath);
        Client = NewClient("capstan-testing");
    }

    /// <summary>A kubeconfig of a cluster administrator; the file goes with the cluster.</summary>
    public string KubeconfigPath { get; }

    /// <summary>A client of a cluster administrator.</summary>
    public KubeClient Client { get; }

    /// <summary>Address of the API server.</summary>
    public Uri Url => _server.Url;

    /// <summary>Starts the server, and by default the cluster's controllers.</summary>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up; what was started is stopped.</param>
    public static async Task<TestCluster> StartAsync(TestClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new TestClusterOptions();

        // With controllers every namespace has its account, so that pods can be held to it.
        var server = options.ApiServer with { ServiceAccountAdmission = options.ApiServer.ServiceAccountAdmission || options.Controllers };
        var cluster = new TestCluster(await EmbeddedApiServer.StartAsync(server, cancellationToken));
        try
        {
            if (options.Controllers)
            {
                cluster._controllers = await RunningOperator.StartAsync(ClusterControllers.Build(cluster.Client, options.Logs), cancellationToken);
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

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

    /// <summary>Where logs go. Default: nowhere.</summary>
    public ILoggerFactory? Logs { get; init; }
}
