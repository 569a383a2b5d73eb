using Microsoft.Extensions.Logging;

namespace Capstan.Tool.Local;

/// <summary>Logs of parts that use each other: silent from the moment on when they are stopped one after the other, since then each only tells that the next is gone.</summary>
/// <param name="logs">Where lines go before; not disposed here.</param>
/// <param name="closing">Cancelled when the first part is about to be stopped.</param>
internal sealed class ClosingLogs(ILoggerFactory logs, CancellationToken closing) : ILoggerFactory
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Closing(logs.CreateLogger(categoryName), closing);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => logs.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class Closing(ILogger log, CancellationToken closing) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => log.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => !closing.IsCancellationRequested && log.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!closing.IsCancellationRequested)
            {
                log.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
