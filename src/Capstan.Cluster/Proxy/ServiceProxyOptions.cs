using System.Net;
using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Proxy;

/// <summary>How a <see cref="ServiceProxy"/> works.</summary>
public sealed record ServiceProxyOptions
{
    /// <summary>Who serves the Service <c>default/kubernetes</c>: the API server, which has no pods. Default null: the server that the client asks, if its host is an address.</summary>
    public IPEndPoint? ApiServer { get; init; }

    /// <summary>Where logs go. Default: nowhere.</summary>
    public ILoggerFactory? Logs { get; init; }
}
