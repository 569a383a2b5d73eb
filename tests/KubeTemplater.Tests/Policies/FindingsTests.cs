using KubeTemplater.Policies;

namespace KubeTemplater.Tests.Policies;

/// <summary>Many findings in one text.</summary>
public sealed class FindingsTests
{
    [Fact]
    public void All_are_told_as_long_as_they_fit() => Assert.Equal("a; b; c", Findings.Text(["a", "b", "c"]));

    [Fact]
    public void Nothing_is_nothing() => Assert.Equal("", Findings.Text([]));

    [Fact]
    public void Of_many_the_first_are_told_and_how_many_more_there_are()
    {
        var text = Findings.Text([.. Enumerable.Range(0, 1000).Select(i => $"template[{i}]: {new string('x', 80)}")]);

        Assert.InRange(text.Length, Findings.MostCharacters - 200, Findings.MostCharacters + 20);
        Assert.StartsWith("template[0]: x", text, StringComparison.Ordinal);
        var told = text.Split("; ").Length - 1;
        Assert.EndsWith($"; and {1000 - told} more", text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_longer_than_all_may_be_is_cut_and_no_character_in_two()
    {
        var text = Findings.Text([string.Concat(Enumerable.Repeat("x\U0001F600", 5000)), "b"], 100);

        Assert.InRange(text.Length, 100, 115);
        Assert.EndsWith("…; and 1 more", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\uD83D…", text, StringComparison.Ordinal);
    }
}
