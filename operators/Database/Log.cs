using Microsoft.Extensions.Logging;

namespace Databases;

/// <summary>All log lines of the operator itself; ids from 2001 on, those of the runtime are below.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "Reconciling Database {Database}")]
    public static partial void Reconciling(ILogger logger, string database);

    [LoggerMessage(2002, LogLevel.Warning, "{Failed} of a batch of {All} failed, and are tried again: {Errors}")]
    public static partial void BatchFailed(ILogger logger, int failed, int all, string errors);
}
