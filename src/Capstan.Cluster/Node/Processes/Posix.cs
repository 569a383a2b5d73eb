using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Capstan.Cluster.Node.Processes;

/// <summary>What .NET has no call for.</summary>
internal static partial class Posix
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>In the place of a user or group: it stays.</summary>
    public const uint Unchanged = uint.MaxValue;

    private const int WorkingDirectory = -100;
    private const int DoNotFollow = 0x100;
    private const uint GroupWanted = 0x10;
    private const int GroupOffset = 24;
    private const int ReadWrite = 2;
    private const int NoControllingTerminal = 0x100;
    private const int CloseOnExec = 0x80000;
    private const uint SetWindowSize = 0x5414;

    private static readonly Dictionary<string, int> Signals = new()
    {
        ["SIGHUP"] = 1, ["SIGINT"] = Interrupt, ["SIGQUIT"] = Quit, ["SIGKILL"] = Kill, ["SIGUSR1"] = 10, ["SIGUSR2"] = 12, ["SIGTERM"] = Terminate,
    };

    /// <summary>The number of a signal; SIGTERM for names that are not known.</summary>
    public static int SignalOf(string? name) => name is not null && Signals.TryGetValue(name, out var number) ? number : Terminate;

    /// <summary>Sends a signal to one process; that it is gone is no error.</summary>
    public static void Signal(int processId, int signal)
    {
        // 0 and below would be groups, and everybody.
        if (processId > 1)
        {
            _ = SendSignal(processId, signal);
        }
    }

    /// <summary>Gives a file or directory to a user, symbolic links themselves and not what they name.</summary>
    public static void ChangeOwner(string path, uint user, uint group) => _ = ChangeLinkOwner(path, user, group);

    /// <summary>The group of a file or directory; a link's own.</summary>
    public static uint GroupOf(string path)
    {
        Span<byte> status = stackalloc byte[256];
        status.Clear();
        _ = ExtendedStatus(WorkingDirectory, path, DoNotFollow, GroupWanted, ref MemoryMarshal.GetReference(status));
        return MemoryMarshal.Read<uint>(status[GroupOffset..]);
    }

    /// <summary>Puts a link to a directory in the place of another, in one step: .NET takes such a link for the directory.</summary>
    /// <exception cref="IOException">It could not be done.</exception>
    public static void Rename(string from, string to)
    {
        if (RenameFile(from, to) != 0)
        {
            throw new IOException($"{from} cannot become {to}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>A new terminal: its end for us, and the path of the other.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static (SafeFileHandle Master, string Path) OpenTerminal()
    {
        var handle = OpenMaster(ReadWrite | NoControllingTerminal | CloseOnExec);
        Span<byte> name = stackalloc byte[128];
        if (handle < 0 || Grant(handle) != 0 || Unlock(handle) != 0 || NameOf(handle, ref MemoryMarshal.GetReference(name), (nuint)name.Length) != 0)
        {
            throw new IOException("no terminal can be opened");
        }

        return (new SafeFileHandle(handle, ownsHandle: true), System.Text.Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]));
    }

    /// <summary>Tells a terminal its size.</summary>
    public static void Resize(SafeFileHandle master, int columns, int rows)
    {
        var size = new WindowSize { Rows = (ushort)Math.Clamp(rows, 0, ushort.MaxValue), Columns = (ushort)Math.Clamp(columns, 0, ushort.MaxValue) };
        _ = Control(master, SetWindowSize, ref size);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string from, string to);

    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeLinkOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ExtendedStatus(int directory, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "posix_openpt")]
    private static partial int OpenMaster(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt")]
    private static partial int Grant(int handle);

    [LibraryImport("libc", EntryPoint = "unlockpt")]
    private static partial int Unlock(int handle);

    [LibraryImport("libc", EntryPoint = "ptsname_r")]
    private static partial int NameOf(int handle, ref byte buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(SafeFileHandle handle, nuint request, ref WindowSize size);

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }
}
