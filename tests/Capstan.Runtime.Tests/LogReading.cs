using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Capstan.Runtime.Tests;

/// <summary>What code under test has logged, with the scopes around each line.</summary>
internal sealed class LogReading : ILoggerFactory
{
    private readonly LoggerExternalScopeProvider scopes = new();
    private readonly ConcurrentQueue<LogLine> lines = new();

    public IReadOnlyList<LogLine> Lines => [.. lines];

    public ILogger CreateLogger(string categoryName) => new Category(this);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Category(LogReading reading) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => reading.scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var around = new List<string>();
            reading.scopes.ForEachScope(static (scope, all) => all.Add($"{scope}"), around);
            reading.lines.Enqueue(new(logLevel, formatter(state, exception), string.Join(" | ", around)));
        }
    }
}

internal sealed record LogLine(LogLevel Level, string Text, string Scope);
