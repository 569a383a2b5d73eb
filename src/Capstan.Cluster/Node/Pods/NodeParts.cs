using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Events;
using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Node.Pods;

/// <summary>What the workers of a node's pods share.</summary>
internal sealed record NodeParts(KubeClient Client, IContainerEngine Engine, PodEvents Events, PodDirectories Directories, AddressPool Addresses, TimeSpan StopTimeout, ILogger Logger)
{
    public TimeProvider Time => Client.Options.TimeProvider;
}
