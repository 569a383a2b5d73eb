using System.Text;
using Capstan.Cluster.Node.Serving.Logs;

namespace Capstan.Cluster.Tests.Node.Serving;

public sealed class LogReaderTests : IDisposable
{
    private const string Text = """
        2026-11-22T05:00:00.000000001Z stdout F one
        2026-11-22T05:00:01.000000002Z stderr F two
        not a line of a log
        2026-11-22T05:00:02.000000003Z stdout P thr
        2026-11-22T05:00:02.000000004Z stdout F ee
        2026-11-22T05:00:03.000000005Z stdout F 

        """;

    private readonly string _file = Path.GetTempFileName();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(null, null, null, false, "one\ntwo\nthree\n\n")]
    [InlineData(2L, null, null, false, "ee\n\n")]
    [InlineData(0L, null, null, false, "")]
    [InlineData(100L, null, null, false, "one\ntwo\nthree\n\n")]
    [InlineData(null, "2026-11-22T05:00:01Z", null, false, "two\nthree\n\n")]
    [InlineData(null, null, 5L, false, "one\nt")]
    [InlineData(null, "2026-11-22T05:00:02Z", null, true, "2026-11-22T05:00:02.000000003Z three\n2026-11-22T05:00:03.000000005Z \n")]
    public async Task Each_option_takes_its_part(long? tail, string? since, long? limit, bool timestamps, string expected)
    {
        await File.WriteAllTextAsync(_file, Text, Stop);
        var options = new LogOptions { Tail = tail, LimitBytes = limit, Timestamps = timestamps, Since = since is null ? null : DateTimeOffset.Parse(since, System.Globalization.CultureInfo.InvariantCulture) };
        using var output = new MemoryStream();
        await new LogReader(_file, options, () => true, TimeProvider.System).WriteToAsync(output, Stop);
        Assert.Equal(expected, Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public async Task The_last_lines_of_a_long_file_are_found_across_blocks()
    {
        var lines = Enumerable.Range(0, 20_000).Select(i => $"2026-11-22T05:00:00.000000001Z stdout F line {i}\n").ToList();
        await File.WriteAllTextAsync(_file, string.Concat(lines), Stop);
        using var output = new MemoryStream();
        await new LogReader(_file, new LogOptions { Tail = 5000 }, () => true, TimeProvider.System).WriteToAsync(output, Stop);
        Assert.Equal(Enumerable.Range(15_000, 5000).Select(i => $"line {i}"), Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_followed_log_ends_with_its_container_and_has_its_last_words()
    {
        var ended = false;
        await File.WriteAllTextAsync(_file, "2026-11-22T05:00:00.000000001Z stdout F one\n2026-11-22T05:00:00.000000001Z stdout F tw", Stop);
        using var output = new MemoryStream();
        var reading = new LogReader(_file, new LogOptions { Follow = true }, () => Volatile.Read(ref ended), TimeProvider.System).WriteToAsync(output, Stop);
        await File.AppendAllTextAsync(_file, "o\n2026-11-22T05:00:00.000000001Z stdout F three\n", Stop);
        Volatile.Write(ref ended, true);
        await reading;
        Assert.Equal("one\ntwo\nthree\n", Encoding.UTF8.GetString(output.ToArray()));
    }
}
