using System.Net;
using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Metrics;

/// <summary>How a <see cref="MetricsServer"/> works.</summary>
public sealed record MetricsServerOptions
{
    /// <summary>How often nodes are asked, and so over what time usage is told. Default 15 s, as in Kubernetes.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Where it serves; port 0, the default, takes a free one. Default address 127.127.255.255: of the range of pods, but never a pod's.</summary>
    public IPEndPoint Address { get; init; } = new(new IPAddress([127, 127, 255, 255]), 0);

    /// <summary>Where logs go. Default: nowhere.</summary>
    public ILoggerFactory? Logs { get; init; }
}
