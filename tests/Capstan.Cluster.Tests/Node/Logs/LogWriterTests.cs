using System.Text;
using Capstan.Cluster.Node.Logs;
using Capstan.Runtime.Tests;

namespace Capstan.Cluster.Tests.Node.Logs;

public sealed class LogWriterTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-log-test-");
    private readonly ManualTime _time = new();

    private string Log => Path.Combine(_directory.FullName, "0.log");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_log_that_grows_is_put_aside_and_five_files_are_kept()
    {
        using (var log = new LogWriter(Log, _time, largest: 1000))
        {
            for (var line = 0; line < 200; line++)
            {
                log.Write(isError: false, Encoding.UTF8.GetBytes($"line {line:000} {new string('x', 50)}\n"));
                _time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        var files = _directory.GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(5, files.Count);
        Assert.All(files, file => Assert.InRange(file.Length, 1, 1200));

        // The oldest are gone, and what is there has no gap.
        var lines = files.Skip(1).Append(files[0]).SelectMany(file => File.ReadAllLines(file.FullName)).Select(line => line.Split(' ')[4]).ToList();
        Assert.Equal(Enumerable.Range(200 - lines.Count, lines.Count).Select(line => $"{line:000}"), lines);
    }

    [Fact]
    public void Lines_are_whole_by_stream_and_one_without_an_end_is_ended_with_the_log()
    {
        using (var log = new LogWriter(Log, _time))
        {
            log.Write(isError: false, "one\ntw"u8);
            log.Write(isError: true, "bad\n"u8);
            log.Write(isError: false, "o\nlast"u8);
        }

        Assert.Equal(["stdout F one", "stderr F bad", "stdout F two", "stdout F last"], File.ReadAllLines(Log).Select(line => line.Split(' ', 2)[1]));
    }

    [Fact]
    public void A_log_whose_directory_is_taken_away_does_not_stop_the_program_and_goes_on_when_it_is_back()
    {
        using var log = new LogWriter(Log, _time, largest: 10);
        _directory.Delete(recursive: true);
        log.Write(isError: false, "it is large enough to be put aside\n"u8);
        log.Write(isError: false, "lost\n"u8);
        _directory.Create();
        log.Write(isError: false, "kept\n"u8);
        Assert.Contains("stdout F kept", string.Concat(_directory.GetFiles().Select(file => File.ReadAllText(file.FullName))), StringComparison.Ordinal);
    }
}
