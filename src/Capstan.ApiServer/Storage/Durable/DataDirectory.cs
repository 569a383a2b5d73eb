using System.Globalization;
using System.Runtime.InteropServices;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>A directory that one server at a time keeps everything in: <c>lock</c>, keys, <c>snapshot-REVISION</c> and <c>log-REVISION</c>.</summary>
/// <remarks>The lock is the kernel's: it goes with the process, however that ends.</remarks>
internal sealed class DataDirectory : IDisposable
{
    private const string SnapshotPrefix = "snapshot-";
    private const string LogPrefix = "log-";
    private const string PartSuffix = ".part";

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    /// <summary>Called with the number of bytes before they are written; tests throw here what a full disk would.</summary>
    public Action<int>? OnWrite { get; set; }

    /// <summary>Makes the directory if there is none, readable by its owner alone, and locks it.</summary>
    /// <exception cref="DataDirectoryException">It cannot be used, or another server uses it.</exception>
    public static DataDirectory Open(string path)
    {
        try
        {
            var full = System.IO.Path.GetFullPath(path);
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(full);
            }
            else
            {
                Directory.CreateDirectory(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            FileStream @lock;
            try
            {
                @lock = new FileStream(System.IO.Path.Combine(full, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
            {
                throw new DataDirectoryException($"the data directory {full} is used by another process: {e.Message}", e);
            }

            foreach (var part in Directory.EnumerateFiles(full, "*" + PartSuffix))
            {
                File.Delete(part);
            }

            return new DataDirectory(full, @lock);
        }
        catch (Exception e) when (e is IOException and not DataDirectoryException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new DataDirectoryException($"the data directory {path} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Full path of a file in the directory.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    public string SnapshotAt(long revision) => PathOf(Named(SnapshotPrefix, revision));

    public string LogAfter(long revision) => PathOf(Named(LogPrefix, revision));

    /// <summary>The snapshots, oldest first.</summary>
    public IReadOnlyList<(string File, long Revision)> Snapshots() => Find(SnapshotPrefix);

    /// <summary>The logs, oldest first.</summary>
    public IReadOnlyList<(string File, long Revision)> Logs() => Find(LogPrefix);

    /// <summary>Makes a file whole or not at all: it is written beside, flushed and renamed.</summary>
    /// <param name="file">Full path; what was there is replaced.</param>
    /// <param name="write">Writes the content.</param>
    public void Create(string file, Action<FileStream> write)
    {
        var part = file + PartSuffix;
        var access = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            access.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var stream = new FileStream(part, access))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(part, file, overwrite: true);
            Flush();
        }
        catch
        {
            TryDelete(part);
            throw;
        }
    }

    /// <summary>Removes a file that is not needed any more; one that cannot be removed now goes at a later time.</summary>
    public static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays, and is ignored.
        }
    }

    public void Dispose() => _lock.Dispose();

    // A new name is durable once its directory is flushed, which .NET has no call for.
    private void Flush()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = Native.Open(System.Text.Encoding.UTF8.GetBytes(Path + "\0"), 0);
        if (handle < 0)
        {
            throw new IOException($"cannot open {Path} to flush it: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }

        var flushed = Native.FSync(handle);
        var error = Marshal.GetLastPInvokeError();
        _ = Native.Close(handle);
        if (flushed != 0)
        {
            throw new IOException($"cannot flush {Path}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    private List<(string File, long Revision)> Find(string prefix)
    {
        var found = new List<(string, long)>();
        foreach (var file in Directory.EnumerateFiles(Path, prefix + "*"))
        {
            if (long.TryParse(System.IO.Path.GetFileName(file)[prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            {
                found.Add((file, revision));
            }
        }

        found.Sort((a, b) => a.Item2.CompareTo(b.Item2));
        return found;
    }

    private static string Named(string prefix, long revision) => prefix + revision.ToString("D20", CultureInfo.InvariantCulture);

    private static class Native
    {
        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open(byte[] path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int FSync(int handle);

        [DllImport("libc", EntryPoint = "close", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Close(int handle);
    }
}
