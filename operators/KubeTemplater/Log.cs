using Microsoft.Extensions.Logging;

namespace KubeTemplater;

/// <summary>All log lines of the operator itself; ids from 1001 on, those of the runtime are below.</summary>
internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Debug, "KubeTemplate {Template} is completed: {Objects} objects applied")]
    public static partial void Completed(ILogger logger, string template, int objects);

    [LoggerMessage(1002, LogLevel.Information, "KubeTemplate {Template} has failed: {Reason}: {Message}")]
    public static partial void Failed(ILogger logger, string template, string reason, string message);

    [LoggerMessage(1003, LogLevel.Information, "Replacing {Kind} {Name} of KubeTemplate {Template}: {Message}")]
    public static partial void Replacing(ILogger logger, string kind, string name, string template, string message);
}
