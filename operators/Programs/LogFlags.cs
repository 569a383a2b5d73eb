using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Capstan.Operators;

/// <summary>The Go operator's flags of its logs. The level counts; the form of the lines is ours, so the other flags are taken and mean nothing.</summary>
internal sealed class LogFlags
{
    private readonly Option<LogLevel?> _level = new("--zap-log-level")
    {
        Description = "Lines to log: debug (or 1), trace (2 and more), info, error or panic and what is worse. Default: info.",
        HelpName = "LEVEL",
        CustomParser = Level,
    };

    private readonly Option<bool> _development = new("--zap-devel") { Description = "Log as with --zap-log-level=debug." };
    private readonly Option<string> _encoder = Ignored("--zap-encoder");
    private readonly Option<string> _stackTraces = Ignored("--zap-stacktrace-level");
    private readonly Option<string> _times = Ignored("--zap-time-encoding");

    public IEnumerable<Option> Options => [_level, _development, _encoder, _stackTraces, _times];

    /// <summary>The least level that is logged.</summary>
    public LogLevel Read(ParseResult arguments) =>
        arguments.GetValue(_level) ?? (arguments.GetValue(_development) ? LogLevel.Debug : LogLevel.Information);

    private static LogLevel? Level(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        switch (text.ToLowerInvariant())
        {
            case "debug":
                return LogLevel.Debug;
            case "info":
                return LogLevel.Information;
            case "error":
                return LogLevel.Error;
            case "panic":
                return LogLevel.Critical;
            case var number when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var verbosity):
                return verbosity switch { 0 => LogLevel.Information, 1 => LogLevel.Debug, _ => LogLevel.Trace };
            default:
                result.AddError($"--zap-log-level: '{text}' is not debug, info, error, panic or a whole number");
                return null;
        }
    }

    private static Option<string> Ignored(string name) => new(name) { Description = "Taken and without effect: a log entry is one line of text, with its time in UTC." };
}
