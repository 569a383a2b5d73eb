using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Capstan.Runtime.Tests.Diagnostics;

public sealed class ConsoleLogTests
{
    private readonly StringWriter _written = new() { NewLine = "\n" };
    private readonly ManualTime _time = new();

    [Fact]
    public void An_entry_is_one_line_with_time_level_category_and_event_whatever_is_in_it()
    {
        using var logs = ConsoleLog.CreateFactory(new LineLog(_written, _time), LogLevel.Information);
        var at = _time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);

        logs.CreateLogger("capstan.some").Log(LogLevel.Error, new EventId(7), "two\nlines", new InvalidOperationException("one\r\nmore"), (state, _) => state);

        Assert.Equal($"{at} fail: capstan.some[7] two lines System.InvalidOperationException: one more\n", _written.ToString());
    }

    [Fact]
    public void Lines_below_the_level_are_left_out_and_the_web_servers_below_a_warning()
    {
        using var logs = ConsoleLog.CreateFactory(new LineLog(_written, _time), LogLevel.Information);

        logs.CreateLogger("capstan.some").Log(LogLevel.Debug, 0, "debug", null, (state, _) => state);
        logs.CreateLogger("capstan.some").Log(LogLevel.Information, 0, "told", null, (state, _) => state);
        logs.CreateLogger("Microsoft.AspNetCore.Hosting").Log(LogLevel.Information, 0, "not told", null, (state, _) => state);
        logs.CreateLogger("Microsoft.AspNetCore.Hosting").Log(LogLevel.Warning, 0, "told too", null, (state, _) => state);

        Assert.Equal(["told", "told too"], _written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[(line.IndexOf(']') + 2)..]));
    }
}
