using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Events;
using Capstan.Cluster.Node.Images;
using Capstan.Cluster.Node.Pods;
using Capstan.Cluster.Node.Processes;
using Capstan.Cluster.Node.Scheduling;
using Capstan.Cluster.Node.Serving;
using Capstan.Cluster.Node.Simulation;
using Capstan.Cluster.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Cluster.Node;

/// <summary>The one node of a local cluster: pods come to it, and live here as processes or by simulation.</summary>
/// <remarks>A client of the API server like any other. Thread-safe.</remarks>
public sealed class LocalNode : IAsyncDisposable
{
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(2);

    private readonly KubeClient _client;
    private readonly ImageTable? _images;
    private readonly Kubelet _kubelet;
    private readonly RunningOperator _operator;
    private readonly KubeletServer _server;
    private readonly NodePlaces _places;
    private readonly ILogger _logger;
    private int _disposed;

    private LocalNode(KubeClient client, ImageTable? images, Kubelet kubelet, RunningOperator running, RunningPods pods, KubeletServer server, NodePlaces places, ILogger logger)
    {
        (_client, _images, _kubelet, _operator, _server, _places, _logger) = (client, images, kubelet, running, server, places, logger);
        Pods = pods;
    }

    /// <summary>Ends when the node has ended: after its disposal, or with what ended it.</summary>
    public Task Ended => _operator.Ended;

    /// <summary>What runs here.</summary>
    internal RunningPods Pods { get; }

    /// <summary>Why containers of a known image are simulated although they could be processes: its program is not on this machine. Null: they are processes, or nobody knows the image.</summary>
    /// <param name="image">As a container names it, for example <c>postgres:14</c>.</param>
    public string? MissingFor(string image) => _images?.Find(image)?.Missing;

    /// <summary>Makes the Node, and takes pods from then on.</summary>
    /// <param name="client">Of an administrator of the cluster; its server and its clock are used. Not disposed.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up; what was started is stopped.</param>
    /// <exception cref="ApiException">The server refuses the node.</exception>
    /// <exception cref="OperatorException">It cannot run.</exception>
    public static async Task<LocalNode> StartAsync(KubeClient client, LocalNodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        var logs = options.Logs ?? NullLoggerFactory.Instance;
        var logger = logs.CreateLogger("node");
        var places = NodePlaces.Open(options);
        var directories = places.Directories;

        // Who writes is told by the name of the client.
        var own = new KubeClient(client.Config, client.Options with { UserAgent = "kubelet" });
        var events = new ClusterEvents(own);
        var kubeletEvents = new PodEvents(events, "kubelet", NodeObject.Name);
        var ledger = new ProcessLedger(directories.Root);
        IContainerEngine engine = new SimulatedEngine(directories, own.Options.TimeProvider);
        ImageTable? images = null;
        if (options.RunProcesses && OperatingSystem.IsLinux())
        {
            images = ImageTable.Read(options.ImagesFile, options.ProgramsDirectory ?? AppContext.BaseDirectory, Path.Combine(directories.Root, "entrypoints"));
            engine = new ProcessEngine(own, images, engine, directories, ledger, kubeletEvents, places.Sockets, logger);
        }

        var parts = new NodeParts(own, engine, kubeletEvents, directories, new AddressPool(options.Random), options.StopTimeout, logger);
        var kubelet = new Kubelet(parts);
        var pods = new RunningPods(kubelet, directories);
        KubeletServer? server = null;
        var builder = new OperatorBuilder(own, new OperatorOptions { Name = "node", LoggerFactory = logs, TimeProvider = own.Options.TimeProvider });
        PodScheduler.AddTo(builder, new PodEvents(events, PodScheduler.Name, host: null));
        kubelet.AddTo(builder);
        DirectoryProvisioner.AddTo(builder, new SharedInformers(builder), events, directories.Claims);
        builder.AddRunnable(events.RunAsync);
        try
        {
            // Before anything new runs: what a node before us left may hold the same volumes.
            await ledger.EndAllAsync(own.Options.TimeProvider);
            await places.SweepAsync(own, cancellationToken);
            server = await KubeletServer.StartAsync(pods, own.Config.CertificateAuthority ?? "", options.Port, own.Options.TimeProvider, options.Logs, cancellationToken);
            await NodeObject.RegisterAsync(own, server.Port, cancellationToken);
            return new(own, images, kubelet, await RunningOperator.StartAsync(builder.Build(), cancellationToken), pods, server, places, logger);
        }
        catch
        {
            await (server?.DisposeAsync() ?? ValueTask.CompletedTask);
            await kubelet.StopAsync();
            places.Dispose();
            own.Dispose();
            throw;
        }
    }

    /// <summary>Stops every pod in order, and waits for it. The pods stay on the server, and their volumes where they are.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await TellStoppingAsync();
        await _kubelet.StopAsync();
        await _server.DisposeAsync();
        await _operator.DisposeAsync();
        _client.Dispose();
        _places.Dispose();
    }

    /// <summary>Others see that the node goes before its pods do; that the server is gone already is no matter.</summary>
    private async Task TellStoppingAsync()
    {
        using var patience = new CancellationTokenSource(LastWord, _client.Options.TimeProvider);
        try
        {
            await NodeObject.TellAsync(_client, _server.Port, isReady: false, patience.Token);
        }
        catch (Exception fault) when (fault is ApiException or HttpRequestException or IOException or TimeoutException or OperationCanceledException)
        {
            Log.StoppingUntold(_logger, fault.Message);
        }
    }
}
