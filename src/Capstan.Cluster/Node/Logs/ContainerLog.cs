using System.Globalization;

namespace Capstan.Cluster.Node.Logs;

/// <summary>Lines as the runtimes of containers write them: time, stream, whether the line is whole, and its text.</summary>
internal static class ContainerLog
{
    /// <summary>Adds one whole line of standard output to a file.</summary>
    public static void WriteLine(string path, DateTimeOffset now, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.AppendAllText(path, $"{Stamp(now)} stdout F {text}\n");
    }

    /// <summary>A time with nine digits, as the clock of a container runtime gives it.</summary>
    public static string Stamp(DateTimeOffset now) => now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
}
