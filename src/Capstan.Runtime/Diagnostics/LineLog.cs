using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Capstan.Diagnostics;

/// <summary>Writes each entry as one line, in the form of .NET's simple console: <c>2026-01-31T12:00:00.000Z info: category[1] message exception</c>.</summary>
/// <remarks>Thread-safe. That console itself comes with options, services and a thread, which are an eighth of the time that a program needs to start.</remarks>
internal sealed class LineLog(TextWriter writer, TimeProvider time) : ILoggerProvider
{
    private readonly Lock _lock = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, EventId id, string message, Exception? exception)
    {
        var text = exception is null ? message : $"{message} {exception}";
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {NameOf(level)}: {category}[{id.Id}] {text.ReplaceLineEndings(" ")}");
        lock (_lock)
        {
            writer.WriteLine(line);
            writer.Flush();
        }
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };

    private sealed class Category(LineLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Write(logLevel, name, eventId, formatter(state, exception), exception);
            }
        }
    }
}
