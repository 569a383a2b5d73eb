using Microsoft.Extensions.Logging;

namespace Capstan.Diagnostics;

/// <summary>Logs of a program: one line each, with a UTC time, on standard error.</summary>
public static class ConsoleLog
{
    /// <summary>Makes a factory that the program disposes at its end.</summary>
    /// <param name="minimum">Lines below this level are left out. Default: information.</param>
    public static ILoggerFactory CreateFactory(LogLevel minimum = LogLevel.Information) =>
        CreateFactory(new LineLog(Console.Error, TimeProvider.System), minimum);

    internal static ILoggerFactory CreateFactory(LineLog log, LogLevel minimum)
    {
        // The web server's own life is not the operator's.
        var filter = new LoggerFilterOptions { MinLevel = minimum, Rules = { new LoggerFilterRule(null, "Microsoft", LogLevel.Warning, null) } };
        return new LoggerFactory([log], filter);
    }
}
