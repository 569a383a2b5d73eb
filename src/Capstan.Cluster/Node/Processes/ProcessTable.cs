using System.Globalization;
using System.Text;

namespace Capstan.Cluster.Node.Processes;

/// <summary>Processes of the machine, from /proc.</summary>
internal static class ProcessTable
{
    private static readonly long TicksPerSecond = 100;
    private static readonly int PageSize = Environment.SystemPageSize;

    /// <summary>Identity of this run of the machine: ids of processes mean nothing in another.</summary>
    public static string BootId { get; } = Read("/proc/sys/kernel/random/boot_id")?.Trim() ?? "";

    /// <summary>All processes that live, as of about now.</summary>
    public static IReadOnlyList<ProcessEntry> List()
    {
        var entries = new List<ProcessEntry>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Find(id) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    /// <summary>One process; null if it has ended, whether or not its parent has noticed.</summary>
    public static ProcessEntry? Find(int id)
    {
        if (Read($"/proc/{id}/stat") is not { } text || text.LastIndexOf(')') is var end && end < 0)
        {
            return null;
        }

        // The name is in brackets, and may hold anything. A first thread that has ended is none of the end: the others may still hold what the process has.
        var fields = text[(end + 2)..].Split(' ');
        return fields.Length < 22 || fields[0] is "X" || (fields[0] is "Z" && Number(17) <= 1)
            ? null
            : new(id, (int)Number(1), (int)Number(3), Number(19), (Number(11) + Number(12) + Number(13) + Number(14)) * (1_000_000_000 / TicksPerSecond), Number(21) * PageSize);

        long Number(int field) => long.TryParse(fields[field], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    /// <summary>The variables that a process was started with, it or what started it, a NUL before and after each; nothing if we may not know.</summary>
    public static string EnvironmentOf(int id) => $"\0{Read($"/proc/{id}/environ")}\0";

    private static string? Read(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>A process.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Parent">Id of its parent.</param>
/// <param name="Session">Id of its session: of the process that began it.</param>
/// <param name="StartedAt">Ticks since the machine's start: with the id, its identity.</param>
/// <param name="CpuNanoseconds">Processor time, that of its children that ended included.</param>
/// <param name="MemoryBytes">Resident memory.</param>
internal sealed record ProcessEntry(int Id, int Parent, int Session, long StartedAt, long CpuNanoseconds, long MemoryBytes);
