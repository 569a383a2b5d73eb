using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Cleanup.Garbage;

/// <summary>Log lines of the collector.</summary>
internal static partial class Log
{
    // Debug: conflicts and kinds that are not served are every day's business.
    [LoggerMessage(1001, LogLevel.Debug, "Garbage collection of the object with uid {Uid} is tried again after its backoff")]
    public static partial void SweepFailed(ILogger logger, string uid, Exception exception);

    [LoggerMessage(1002, LogLevel.Warning, "The server did not tell which kinds it serves: garbage of new kinds is not collected yet")]
    public static partial void DiscoveryFailed(ILogger logger, Exception exception);
}
