using Capstan.Testing;
using Capstan.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Webhooks;

public sealed class CertificateFilesTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("capstan-cert-");
    private readonly MetricsReading metrics = new();
    private readonly ManualTime time = new();
    private readonly SelfSignedPair[] pairs = [NewPair(), NewPair()];

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        metrics.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Trap34_a_mounted_secret_that_swaps_its_link_is_seen_by_the_watch()
    {
        Mount("generation-1", pairs[0]);
        var files = Open();
        Assert.Equal(Serial(pairs[0]), files.Current.Leaf.SerialNumber);
        using var stop = new CancellationTokenSource();

        // The clock stands still: what is seen, the watch has told.
        var running = files.RunAsync(stop.Token);
        await time.WaitForTimerAsync(CertificateFiles.Interval, Patience);
        Mount("generation-2", pairs[1]);
        await Eventually.SeeAsync("the new certificate", _ => Task.FromResult(files.Current.Leaf.SerialNumber), serial => serial == Serial(pairs[1]), cancellationToken: Patience);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Trap34_files_are_read_every_ten_seconds_where_nothing_is_told()
    {
        // The directory itself is behind a link that is swapped: no watch of it tells.
        var link = Path.Combine(directory.FullName, "mounted");
        Write(Path.Combine(directory.FullName, "one"), pairs[0]);
        Write(Path.Combine(directory.FullName, "two"), pairs[1]);
        Directory.CreateSymbolicLink(link, Path.Combine(directory.FullName, "one"));
        var files = Open(link);
        using var stop = new CancellationTokenSource();
        var running = files.RunAsync(stop.Token);
        await time.WaitForTimerAsync(CertificateFiles.Interval, Patience);
        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, Path.Combine(directory.FullName, "two"));
        time.Advance(CertificateFiles.Interval);
        await Eventually.SeeAsync("the new certificate", _ => Task.FromResult(files.Current.Leaf.SerialNumber), serial => serial == Serial(pairs[1]), cancellationToken: Patience);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public void Trap34_a_certificate_without_its_key_leaves_the_pair_that_is_served()
    {
        Write(directory.FullName, pairs[0]);
        var files = Open();
        File.WriteAllText(Path.Combine(directory.FullName, "tls.crt"), pairs[1].Certificate);
        files.Refresh();
        Assert.Equal(Serial(pairs[0]), files.Current.Leaf.SerialNumber);
        Assert.Equal("1", metrics["certwatcher_read_certificate_errors_total"]);

        File.WriteAllText(Path.Combine(directory.FullName, "tls.key"), pairs[1].Key);
        files.Refresh();
        Assert.Equal(Serial(pairs[1]), files.Current.Leaf.SerialNumber);
        Assert.Equal("3", metrics["certwatcher_read_certificate_total"]);
        Assert.Equal("1", metrics["certwatcher_read_certificate_errors_total"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData(null)]
    public void Trap34_files_that_cannot_be_parsed_or_are_gone_leave_the_pair_that_is_served(string? text)
    {
        Write(directory.FullName, pairs[0]);
        var files = Open();
        var path = Path.Combine(directory.FullName, "tls.crt");
        if (text is null)
        {
            File.Delete(path);
        }
        else
        {
            File.WriteAllText(path, text);
        }

        files.Refresh();
        Assert.Equal(Serial(pairs[0]), files.Current.Leaf.SerialNumber);
        Assert.Equal("1", metrics["certwatcher_read_certificate_errors_total"]);
    }

    [Fact]
    public void Files_that_are_not_there_at_the_start_are_told_with_their_directory()
    {
        var error = Assert.Throws<CertificateException>(() => Open());
        Assert.StartsWith(directory.FullName, error.Message, StringComparison.Ordinal);
        Assert.Equal("1", metrics["certwatcher_read_certificate_errors_total"]);
    }

    private static SelfSignedPair NewPair() => SelfSignedPair.Create("test", ["localhost"], TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(1));

    private static string Serial(SelfSignedPair pair) => ServingCertificate.Read(pair.Certificate, pair.Key).Leaf.SerialNumber;

    private static void Write(string into, SelfSignedPair pair)
    {
        Directory.CreateDirectory(into);
        File.WriteAllText(Path.Combine(into, "tls.crt"), pair.Certificate);
        File.WriteAllText(Path.Combine(into, "tls.key"), pair.Key);
    }

    private CertificateFiles Open(string? from = null) =>
        new(new() { Directory = from ?? directory.FullName }, new CertificateInstruments(metrics.Meter), time, NullLogger.Instance);

    /// <summary>As the kubelet does: a new directory, and one rename that makes all files new at once.</summary>
    private void Mount(string generation, SelfSignedPair pair)
    {
        Write(Path.Combine(directory.FullName, generation), pair);
        var data = Path.Combine(directory.FullName, "..data");
        File.CreateSymbolicLink(data + "_tmp", generation);

        // .NET cannot rename a link to a directory over another.
        using (var mv = System.Diagnostics.Process.Start("mv", ["-T", data + "_tmp", data]))
        {
            mv.WaitForExit();
            Assert.Equal(0, mv.ExitCode);
        }

        foreach (var file in (string[])["tls.crt", "tls.key"])
        {
            var path = Path.Combine(directory.FullName, file);
            if (!File.Exists(path))
            {
                File.CreateSymbolicLink(path, $"..data/{file}");
            }
        }
    }
}
