namespace Capstan.Cel.Tests;

/// <summary>A part of <c>docs/cel.md</c> that states what tests saw, between <c>&lt;!-- name --&gt;</c> and <c>&lt;!-- /name --&gt;</c>.</summary>
internal static class PageSection
{
    /// <summary>Fails with the right text where the page says something else.</summary>
    public static void Says(string name, IEnumerable<string> lines)
    {
        var right = string.Join('\n', lines);
        var page = File.ReadAllText(Page()).ReplaceLineEndings("\n");
        var (start, end) = ($"<!-- {name} -->\n", $"\n<!-- /{name} -->");
        var from = page.IndexOf(start, StringComparison.Ordinal);
        var to = from < 0 ? -1 : page.IndexOf(end, from, StringComparison.Ordinal);
        Assert.True(to >= 0, $"docs/cel.md lacks the section {name}; it should say:\n{right}");
        var said = page[(from + start.Length)..to];
        Assert.True(said == right, $"the section {name} of docs/cel.md is not what was seen; it should say:\n{right}");
    }

    private static string Page()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Capstan.slnx")))
            {
                return Path.Combine(directory.FullName, "docs", "cel.md");
            }
        }

        throw new InvalidOperationException("these tests run within the repository");
    }
}
