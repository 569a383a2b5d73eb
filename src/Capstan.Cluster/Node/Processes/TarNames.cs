using System.Text;

namespace Capstan.Cluster.Node.Processes;

/// <summary>What <c>kubectl cp</c> runs to read files: an archive whose names are the paths that were asked for, not the places where they really are.</summary>
internal static class TarNames
{
    // What a pattern and what is put in its place give a meaning, and a sign that no path has.
    private const string InPattern = @".[]*^$\";
    private const string InPlace = @"\&";
    private const char End = '\u0001';

    /// <summary>The command with its paths mapped; a tar that packs is told to write the names before that.</summary>
    /// <param name="command">As given.</param>
    /// <param name="map">Puts a place of this machine for one of the container.</param>
    public static string[] Keep(IReadOnlyList<string> command, Func<string, string> map)
    {
        string[] mapped = [.. command.Select(map)];
        if (command.Count < 3 || Path.GetFileName(command[0]) != "tar" || !command[1].TrimStart('-').StartsWith('c'))
        {
            return mapped;
        }

        // Absolute names lose their first slash; targets of links stay what they are.
        var renamed = Enumerable.Range(2, command.Count - 2).Where(i => command[i] != mapped[i] && mapped[i].StartsWith('/'))
            .Select(i => $"--transform=s{End}^{Escape(mapped[i].TrimStart('/'), InPattern)}{End}{Escape(command[i].TrimStart('/'), InPlace)}{End}S");
        return [mapped[0], mapped[1], .. mapped[2..3], .. renamed, .. mapped[3..]];
    }

    private static string Escape(string path, string special)
    {
        var text = new StringBuilder();
        foreach (var one in path)
        {
            text.Append(special.Contains(one) ? "\\" : "").Append(one);
        }

        return text.ToString();
    }
}
