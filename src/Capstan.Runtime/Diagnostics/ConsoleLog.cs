using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Capstan.Diagnostics;

/// <summary>Logs of a program: one line each, with a UTC time, on standard error.</summary>
public static class ConsoleLog
{
    /// <summary>Makes a factory that the program disposes at its end, so that the last lines are written.</summary>
    /// <param name="minimum">Lines below this level are left out. Default: information.</param>
    public static ILoggerFactory CreateFactory(LogLevel minimum = LogLevel.Information) =>
        LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(minimum);

            // The web server's own life is not the operator's.
            logging.AddFilter("Microsoft", LogLevel.Warning);
            logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                options.ColorBehavior = LoggerColorBehavior.Disabled;
            });
            logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        });
}
