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

    [LoggerMessage(1020, LogLevel.Warning, "The status of the policies for namespace {Namespace} is not written, and will be tried again: {Message}")]
    public static partial void PolicyStatusNotWritten(ILogger logger, string @namespace, string message);

    [LoggerMessage(1081, LogLevel.Warning, "Lease {Lease} is held by {Holder}: waiting for that KubeTemplater to stop before anything is written")]
    public static partial void TakeoverWaits(ILogger logger, string lease, string holder);

    [LoggerMessage(1082, LogLevel.Information, "Lease {Lease} is free: going on")]
    public static partial void TakeoverGoesOn(ILogger logger, string lease);

    [LoggerMessage(1083, LogLevel.Warning, "Lease {Lease} cannot be read, and a Go operator may hold it; trying again: {Message}")]
    public static partial void TakeoverCannotLook(ILogger logger, string lease, string message);

    [LoggerMessage(1084, LogLevel.Information, "Lease {Lease} may not be read; going on as if no Go operator ran there: {Message}")]
    public static partial void TakeoverMayNotLook(ILogger logger, string lease, string message);

    [LoggerMessage(1085, LogLevel.Information, "{Count} namespaces are freed of the Go operator's finalizer {Finalizer}")]
    public static partial void NamespaceFinalizersRemoved(ILogger logger, int count, string finalizer);

    [LoggerMessage(1086, LogLevel.Warning, "The Go operator's finalizer {Finalizer} stays on namespace {Namespace} for now: {Message}")]
    public static partial void NamespaceFinalizerStays(ILogger logger, string finalizer, string @namespace, string message);

    [LoggerMessage(1087, LogLevel.Information, "Caches are filled; waiting for replicas that work in another way (leader election or sharding) to stop: {Holders}")]
    public static partial void WaitsForOtherReplicas(ILogger logger, string holders);

    [LoggerMessage(1501, LogLevel.Information, "Watching {Resource} for drift: {Count} objects of templates")]
    public static partial void WatchingKind(ILogger logger, string resource, int count);

    [LoggerMessage(1502, LogLevel.Warning, "{Kind} cannot be watched for drift, its objects are read from time to time instead: {Reason}")]
    public static partial void KindUnwatched(ILogger logger, string kind, string reason);

    [LoggerMessage(1503, LogLevel.Information, "No template has objects of {Kind} any more: it is not watched any longer")]
    public static partial void KindUnused(ILogger logger, string kind);

    [LoggerMessage(1504, LogLevel.Error, "A change was not looked at, and will be found by the next sweep: {Reason}")]
    public static partial void ChangeNotSeen(ILogger logger, string reason);
}
