using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Metrics;

/// <summary>Log lines of the metrics server.</summary>
internal static partial class Log
{
    [LoggerMessage(1201, LogLevel.Warning, "Node {Node} does not tell what its pods use: {Reason}")]
    public static partial void NodeSilent(ILogger logger, string node, string reason);
}
