using Microsoft.Extensions.Logging;

namespace Capstan.Diagnostics;

/// <content>What all lines of a run carry, also those of the user's own code, where the logging provider shows scopes.</content>
internal static partial class Log
{
    private static readonly Func<ILogger, string, ObjectKey, ReconcileId, IDisposable?> OfReconcile =
        LoggerMessage.DefineScope<string, ObjectKey, ReconcileId>("{Controller} {Object} {ReconcileId}");

    private static readonly Func<ILogger, string, string, ReconcileId, IDisposable?> OfBatch =
        LoggerMessage.DefineScope<string, string, ReconcileId>("{Controller} {Group} {ReconcileId}");

    public static IDisposable? ReconcileScope(ILogger logger, string controller, ObjectKey key, ReconcileId id) =>
        logger.IsEnabled(LogLevel.Error) ? OfReconcile(logger, controller, key, id) : null;

    public static IDisposable? BatchScope(ILogger logger, string controller, string group, ReconcileId id) =>
        logger.IsEnabled(LogLevel.Error) ? OfBatch(logger, controller, group, id) : null;
}
