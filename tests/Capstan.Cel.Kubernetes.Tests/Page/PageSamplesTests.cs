namespace Capstan.Cel.Kubernetes.Tests.Page;

public sealed class PageSamplesTests
{
    [Fact]
    public void The_samples_of_the_page_are_code_that_runs()
    {
        var shown = Between(Read("docs", "cel.md"), line => line == "```csharp", line => line == "```");
        var run = Between(
            Read("tests", "Capstan.Cel.Kubernetes.Tests", "Page", "PageSamples.cs"),
            line => line.StartsWith("#region ", StringComparison.Ordinal),
            line => line == "#endregion");
        Assert.NotEmpty(run);
        Assert.All(shown, sample => Assert.True(run.Contains(sample), $"docs/cel.md shows what PageSamples.cs does not run:\n{sample}"));
        Assert.All(run, sample => Assert.True(shown.Contains(sample), $"PageSamples.cs runs what docs/cel.md does not show:\n{sample}"));
    }

    private static string[] Read(params string[] path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Capstan.slnx")))
            {
                return File.ReadAllLines(Path.Combine([folder.FullName, .. path]));
            }
        }

        throw new InvalidOperationException("these tests run within the repository");
    }

    /// <summary>The blocks of lines between two kinds of lines, without what all lines of a block are indented by.</summary>
    private static List<string> Between(string[] lines, Predicate<string> starts, Predicate<string> ends)
    {
        List<string> blocks = [];
        List<string>? block = null;
        foreach (var line in lines)
        {
            if (block is not null && ends(line.Trim()))
            {
                var indent = block.Where(l => l.Length > 0).Min(l => l.Length - l.TrimStart(' ').Length);
                blocks.Add(string.Join('\n', block.Select(l => l.Length > 0 ? l[indent..] : l)));
                block = null;
            }
            else if (block is not null)
            {
                block.Add(line);
            }
            else if (starts(line.Trim()))
            {
                block = [];
            }
        }

        return blocks;
    }
}
