using System.Globalization;
using System.Text;

namespace Capstan.Cluster.Node.Logs;

/// <summary>Writes what a container says into its log, line by line, and puts a file aside when it is large.</summary>
/// <remarks>Thread-safe. What cannot be written is lost: a full disk does not stop a program.</remarks>
internal sealed class LogWriter : IDisposable
{
    // The figures of a kubelet, and of the runtimes of containers.
    private const long LargestFile = 10 << 20;
    private const int MostFiles = 5;
    private const int LongestPart = 16 << 10;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly long _largest;
    private readonly List<byte>[] _open = [[], []];
    private FileStream? _file;
    private bool _isDisposed;

    public LogWriter(string path, TimeProvider time, long largest = LargestFile)
    {
        (_path, _time, _largest) = (path, time, largest);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = Open();
    }

    /// <summary>Takes bytes of one stream.</summary>
    public void Write(bool isError, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            var open = _open[isError ? 1 : 0];
            using var lines = new MemoryStream();
            while (!bytes.IsEmpty)
            {
                var end = bytes.IndexOf((byte)'\n');
                var room = LongestPart - open.Count;
                var take = Math.Min(end < 0 ? bytes.Length : end, room);
                open.AddRange(bytes[..take]);
                var isWhole = take == end;
                bytes = bytes[(take + (isWhole ? 1 : 0))..];
                if (isWhole || open.Count == LongestPart)
                {
                    Append(lines, isError, isWhole, open);
                }
            }

            Flush(lines);
        }
    }

    /// <summary>Ends the log; a line without an end is ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            using var lines = new MemoryStream();
            for (var stream = 0; stream < 2; stream++)
            {
                if (_open[stream].Count > 0)
                {
                    Append(lines, stream == 1, isWhole: true, _open[stream]);
                }
            }

            Flush(lines);
            _file?.Dispose();
            (_file, _isDisposed) = (null, true);
        }
    }

    private void Append(MemoryStream lines, bool isError, bool isWhole, List<byte> text)
    {
        lines.Write(Encoding.ASCII.GetBytes($"{ContainerLog.Stamp(_time.GetUtcNow())} {(isError ? "stderr" : "stdout")} {(isWhole ? 'F' : 'P')} "));
        lines.Write([.. text]);
        lines.WriteByte((byte)'\n');
        text.Clear();
    }

    private void Flush(MemoryStream lines)
    {
        if (lines.Length == 0 || _isDisposed)
        {
            return;
        }

        try
        {
            _file ??= Open();
            _file.Write(lines.GetBuffer().AsSpan(0, (int)lines.Length));
            if (_file.Length > _largest)
            {
                Rotate();
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A full disk, or a directory that somebody took away.
        }
    }

    private void Rotate()
    {
        _file!.Dispose();
        _file = null;
        File.Move(_path, $"{_path}.{_time.GetUtcNow().ToString("yyyyMMdd-HHmmss.fffffff", CultureInfo.InvariantCulture)}");
        foreach (var old in Directory.EnumerateFiles(Path.GetDirectoryName(_path)!, Path.GetFileName(_path) + ".*").OrderDescending(StringComparer.Ordinal).Skip(MostFiles - 1))
        {
            File.Delete(old);
        }
    }

    private FileStream Open() => new(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
