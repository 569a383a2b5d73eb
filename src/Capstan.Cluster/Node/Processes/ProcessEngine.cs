using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Environments;
using Capstan.Cluster.Node.Events;
using Capstan.Cluster.Node.Images;
using Capstan.Cluster.Node.Pods;
using Capstan.Cluster.Node.Volumes;
using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Node.Processes;

/// <summary>Starts containers of known images as processes, and gives the others to a simulation.</summary>
internal sealed class ProcessEngine : IContainerEngine
{
    private readonly KubeClient _client;
    private readonly ImageTable _images;
    private readonly IContainerEngine _simulation;
    private readonly PodDirectories _directories;
    private readonly ProcessLedger _ledger;
    private readonly PodEvents _events;
    private readonly SocketDirectories _sockets;
    private readonly ILogger _logger;
    private readonly PodVolumes _volumes;
    private readonly PodTokens _tokens;
    private readonly ContainerVariables _variables;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PodSpace> _spaces = [];

    public ProcessEngine(KubeClient client, ImageTable images, IContainerEngine simulation, PodDirectories directories, ProcessLedger ledger, PodEvents events, SocketDirectories sockets, ILogger logger)
    {
        (_client, _images, _simulation, _directories, _ledger, _events, _sockets, _logger) = (client, images, simulation, directories, ledger, events, sockets, logger);
        var config = new ConfigReader(client);
        _tokens = new(client);
        _volumes = new(client, new VolumeFiles(config, _tokens), directories);
        _variables = new(client, config);
    }

    public async Task<IContainerRun> StartAsync(ContainerStart start, CancellationToken cancellationToken)
    {
        var (pod, spec) = (start.Pod, start.Container.Spec);
        var subject = EventSubject.Of(pod.Pod, spec.Name, start.Container.IsInit);
        var image = _images.Find(spec.Image ?? "");
        if (image is null or { Missing: not null })
        {
            if (image?.Missing is { } missing && start.RestartCount == 0)
            {
                _events.Warning(subject, "ProgramNotInstalled", $"{missing}; the container is simulated");
            }

            return await _simulation.StartAsync(start, cancellationToken);
        }

        NonRootRule.Check(pod, spec, image.StartsAsRoot);
        if (image.Warning is { } warning && start.RestartCount == 0)
        {
            _events.Warning(subject, "OtherVersion", warning);
        }

        try
        {
            var identity = IdentityOf(pod, spec, image);
            if (identity.Refused is { } refused && start.RestartCount == 0)
            {
                _events.Warning(subject, "SecurityContextNotHonoured", refused);
            }

            var space = SpaceOf(pod);
            var volumes = await space.PrepareAsync(cancellationToken);
            var plan = new ContainerPlan(pod, spec, image, identity.User, await _variables.BuildAsync(pod, spec, cancellationToken), volumes, _directories, _sockets.Of(pod.Uid, spec.Name), space.Kubeconfig);
            return new ProcessRun(start, plan, image.StopSignal, _ledger, _events, _directories.LogFile(pod.Uid, spec.Name, start.RestartCount), _client.Options.TimeProvider, _logger);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ContainerStartException(fault.Message, fault);
        }
        catch (Exception fault) when (fault is ApiException or HttpRequestException or TimeoutException)
        {
            throw new ContainerConfigException(fault.Message);
        }
    }

    public async Task ReleaseAsync(PodRecord pod)
    {
        PodSpace? space;
        lock (_lock)
        {
            _spaces.Remove(pod.Uid, out space);
        }

        if (space is not null)
        {
            await space.DisposeAsync();
        }

        _tokens.Forget(pod.Uid);
        await _simulation.ReleaseAsync(pod);
    }

    private static RunAs IdentityOf(PodRecord pod, Container container, KnownImage image) =>
        image.User is { } name && UserAccount.Find(name) is null
            ? throw new ContainerStartException($"image {image.Image} runs as user {name}, which this machine does not have")
            : RunAs.Of(pod.Pod.Spec, container, image);

    /// <summary>Of the volumes: the one user whom all containers run as, and the pod's group of files.</summary>
    private VolumeOwner OwnerOf(PodRecord pod)
    {
        var users = pod.AllContainers.Select(container => (container.Spec, Image: _images.Find(container.Spec.Image ?? ""))).Where(one => one.Image is { Missing: null })
            .Select(one => IdentityOf(pod, one.Spec, one.Image!).User).DistinctBy(user => user?.Id).ToList();
        var group = users.Any(user => user?.Groups.Contains((uint)(pod.Pod.Spec.SecurityContext?.FsGroup ?? -1)) == true) ? (uint?)pod.Pod.Spec.SecurityContext!.FsGroup : null;
        return users.Count == 1 ? new(users[0], group, IsShared: false) : new(null, group, IsShared: true);
    }

    private PodSpace SpaceOf(PodRecord pod)
    {
        lock (_lock)
        {
            if (!_spaces.TryGetValue(pod.Uid, out var space))
            {
                _spaces[pod.Uid] = space = new(pod, OwnerOf(pod), _volumes, _directories, _client, _logger);
            }

            return space;
        }
    }
}
