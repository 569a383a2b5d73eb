using System.Diagnostics;
using Capstan.Tool.Templates;

namespace EndToEnd.Tests.Templates;

/// <summary>The text that <c>template diff</c> prints.</summary>
public sealed class UnifiedDiffTests
{
    [Fact]
    public void Two_changes_far_apart_are_two_hunks()
    {
        var before = string.Concat(Enumerable.Range(1, 20).Select(i => $"{i}\n"));
        var after = before.Replace("2\n3\n", "2\nthree\n", StringComparison.Ordinal).Replace("18\n", "", StringComparison.Ordinal);
        Assert.Equal("@@ -1,6 +1,6 @@\n 1\n 2\n-3\n+three\n 4\n 5\n 6\n@@ -15,6 +15,5 @@\n 15\n 16\n 17\n-18\n 19\n 20\n", UnifiedDiff.Of(before, after));
        Assert.Equal("", UnifiedDiff.Of(before, before));
        Assert.Equal("@@ -0,0 +1,2 @@\n+a\n+b\n", UnifiedDiff.Of("", "a\nb\n"));
        Assert.Equal("@@ -1 +0,0 @@\n-a\n", UnifiedDiff.Of("a\n", ""));
    }

    /// <summary>Applying what is printed gives the other text, whatever the two are.</summary>
    [Fact]
    public void It_is_what_it_takes_to_get_from_one_text_to_the_other()
    {
        var random = new Random(7);
        for (var round = 0; round < 3000; round++)
        {
            var (before, after) = (Text(random), Text(random));
            Assert.Equal(after, Patched(before, UnifiedDiff.Of(before, after)));
        }
    }

    [Fact]
    public void Texts_without_a_common_line_cost_bounded_time()
    {
        var before = string.Concat(Enumerable.Range(0, 30_000).Select(i => $"a{i}\n"));
        var after = string.Concat(Enumerable.Range(0, 30_000).Select(i => $"b{i}\n"));
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(60_001, UnifiedDiff.Of(before, after).AsSpan().Count('\n'));
        TestContext.Current.TestOutputHelper?.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalMilliseconds:f0} ms");
    }

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(25)).Select(_ => $"{(char)('a' + random.Next(4))}\n"));

    private static string Patched(string before, string diff)
    {
        var old = before.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var result = new List<string>();
        var at = 0;
        foreach (var line in diff.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '@')
            {
                var (start, count) = Range(line);
                for (var until = count == 0 ? start : start - 1; at < until; at++)
                {
                    result.Add(old[at]);
                }
            }
            else if (line[0] == '+')
            {
                result.Add(line[1..]);
            }
            else
            {
                Assert.Equal(old[at++], line[1..]);
                if (line[0] == ' ')
                {
                    result.Add(line[1..]);
                }
            }
        }

        return string.Concat(result.Concat(old[at..]).Select(line => line + "\n"));
    }

    private static (int Start, int Count) Range(string hunk)
    {
        var parts = hunk.Split(' ')[1][1..].Split(',');
        return (int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts.Length == 1 ? 1 : int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
