using Microsoft.Extensions.Logging;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>What the data directory tells its owner.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(1, LogLevel.Information, "{Directory}: everything up to revision {Revision} is there")]
    public static partial void Recovered(ILogger logger, string directory, long revision);

    [LoggerMessage(2, LogLevel.Warning, "{File}: cut off {Bytes} bytes at offset {Offset}, of a write that the end of the process interrupted before it was acknowledged")]
    public static partial void CutOff(ILogger logger, string file, long offset, long bytes);

    [LoggerMessage(3, LogLevel.Error, "{Directory}: writes cannot be stored and are refused: {Reason}")]
    public static partial void Failing(ILogger logger, string directory, string reason);

    [LoggerMessage(4, LogLevel.Warning, "{Directory}: writes are stored again")]
    public static partial void Working(ILogger logger, string directory);

    [LoggerMessage(5, LogLevel.Warning, "{Directory}: no snapshot could be made, so the log goes on growing: {Reason}")]
    public static partial void NoSnapshot(ILogger logger, string directory, string reason);

    [LoggerMessage(6, LogLevel.Error, "what follows from a write that was stored failed")]
    public static partial void ObserverFailed(ILogger logger, Exception exception);
}
