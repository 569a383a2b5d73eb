using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Node;

/// <summary>Log lines of the node.</summary>
internal static partial class Log
{
    [LoggerMessage(1301, LogLevel.Error, "Pod {Pod}: what was done for it failed; it is tried again in {Wait}")]
    public static partial void PodFailed(ILogger logger, string pod, TimeSpan wait, Exception fault);

    [LoggerMessage(1302, LogLevel.Error, "Pod {Pod}, container {Container}: watching it failed; it is ended, and started again as its pod's policy says")]
    public static partial void ContainerFailed(ILogger logger, string pod, string container, Exception fault);

    [LoggerMessage(1303, LogLevel.Error, "Pod {Pod}: its status could not be told; it is tried again in {Wait}")]
    public static partial void StatusFailed(ILogger logger, string pod, TimeSpan wait, Exception fault);

    [LoggerMessage(1304, LogLevel.Error, "Pod {Pod}: its volumes could not be renewed; they stay as they were until it works")]
    public static partial void RefreshFailed(ILogger logger, string pod, Exception fault);

    [LoggerMessage(1305, LogLevel.Error, "Pod {Pod}: its worker has ended with a fault")]
    public static partial void WorkerFailed(ILogger logger, string pod, Exception fault);

    [LoggerMessage(1306, LogLevel.Error, "Pod {Pod}, container {Container}: its output is not kept any more")]
    public static partial void OutputFailed(ILogger logger, string pod, string container, Exception fault);

    [LoggerMessage(1307, LogLevel.Debug, "That the node stops could not be told: {Reason}")]
    public static partial void StoppingUntold(ILogger logger, string reason);
}
