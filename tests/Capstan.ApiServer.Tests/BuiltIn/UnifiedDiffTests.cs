using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Xunit;

namespace Capstan.ApiServer.Tests.BuiltIn;

public sealed class UnifiedDiffTests
{
    private static string[] Lines(int count, params (int At, string Line)[] changed)
    {
        var lines = Enumerable.Range(1, count).Select(i => $"l{i}").ToArray();
        foreach (var (at, line) in changed)
        {
            lines[at - 1] = line;
        }

        return lines;
    }

    [Fact]
    public void Equal_texts_have_no_differences() => Assert.Equal("", UnifiedDiff.Of(Lines(9), Lines(9)));

    [Fact]
    public void What_changed_has_three_lines_around_it() =>
        Assert.Equal("@@ -2,7 +2,7 @@\n l2\n l3\n l4\n-l5\n+x\n l6\n l7\n l8\n", UnifiedDiff.Of(Lines(20), Lines(20, (5, "x"))));

    [Fact]
    public void Changes_far_apart_are_told_apart_and_near_ones_together() =>
        Assert.Equal(
            "@@ -1,4 +1,4 @@\n-l1\n+x\n l2\n l3\n l4\n@@ -10,11 +10,11 @@\n l10\n l11\n l12\n-l13\n+y\n l14\n l15\n l16\n-l17\n+z\n l18\n l19\n l20\n",
            UnifiedDiff.Of(Lines(20), Lines(20, (1, "x"), (13, "y"), (17, "z"))));

    [Fact]
    public void Lines_may_be_added_to_nothing_and_taken_from_everything()
    {
        Assert.Equal("@@ -0,0 +1,2 @@\n+a\n+b\n", UnifiedDiff.Of([], ["a", "b"]));
        Assert.Equal("@@ -1 +0,0 @@\n-a\n", UnifiedDiff.Of(["a"], []));
    }
}
