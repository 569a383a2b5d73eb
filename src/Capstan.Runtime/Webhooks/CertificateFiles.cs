using System.Text;
using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Capstan.Webhooks;

/// <summary>A certificate and its key in files that something else renews: cert-manager through a mounted Secret, or a person.</summary>
/// <remarks>
/// A mounted Secret changes by the swap of a symbolic link, which no watch of a single file sees: the directory is watched, and the files are
/// read every ten seconds as well. What cannot be read as a pair (one of the files is new, the other not yet) leaves the pair that is served in place.
/// </remarks>
internal sealed class CertificateFiles
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly CertificateFileOptions _options;
    private readonly CertificateInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private byte[] _seen = [];
    private ServingCertificate _current;

    /// <summary>Reads the files for the first time.</summary>
    /// <exception cref="CertificateException">They cannot be read as a pair.</exception>
    public CertificateFiles(CertificateFileOptions options, CertificateInstruments instruments, TimeProvider time, ILogger logger)
    {
        _options = options;
        _instruments = instruments;
        _time = time;
        _logger = logger;
        _current = Read(out var bytes);
        _seen = bytes;
    }

    /// <summary>The last pair that could be read.</summary>
    public ServingCertificate Current => Volatile.Read(ref _current);

    /// <summary>Looks for new files until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var alarm = new Alarm(_time);
        using var watcher = Watch(alarm);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await alarm.WaitAsync(Interval, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Refresh();
        }
    }

    /// <summary>Reads the files, and serves what they hold if that is new and good.</summary>
    internal void Refresh()
    {
        try
        {
            var read = Read(out var bytes);
            if (!bytes.AsSpan().SequenceEqual(_seen))
            {
                _seen = bytes;
                Volatile.Write(ref _current, read);
                Log.CertificateRead(_logger, _options.Directory, read.Leaf.Subject, read.Leaf.NotAfter.ToUniversalTime());
            }
        }
        catch (CertificateException error)
        {
            Log.CertificateKept(_logger, _options.Directory, error.Message);
        }
    }

    private ServingCertificate Read(out byte[] bytes)
    {
        _instruments.Read();
        try
        {
            var certificate = File.ReadAllBytes(Path.Combine(_options.Directory, _options.CertificateFile));
            var key = File.ReadAllBytes(Path.Combine(_options.Directory, _options.KeyFile));
            bytes = [.. certificate, 0, .. key];
            return bytes.AsSpan().SequenceEqual(_seen) ? _current : ServingCertificate.Read(Encoding.UTF8.GetString(certificate), Encoding.UTF8.GetString(key));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CertificateException)
        {
            _instruments.Failed();
            throw new CertificateException($"{_options.Directory}: {error.Message}", error);
        }
    }

    /// <summary>Null where the system has no more watches to give: then the interval alone must do.</summary>
    private FileSystemWatcher? Watch(Alarm alarm)
    {
        try
        {
            var watcher = new FileSystemWatcher(_options.Directory) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite };
            watcher.Changed += (_, _) => alarm.Ring();
            watcher.Created += (_, _) => alarm.Ring();
            watcher.Renamed += (_, _) => alarm.Ring();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            Log.CertificatesNotWatched(_logger, _options.Directory, error.Message);
            return null;
        }
    }
}
