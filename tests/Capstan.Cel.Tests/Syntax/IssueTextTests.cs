using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Syntax;

public class IssueTextTests
{
    [Theory]
    [InlineData("1 + for", "ERROR: <input>:1:5: reserved identifier: for\n | 1 + for\n | ....^")]
    [InlineData("a +\n\tfor", "ERROR: <input>:2:2: reserved identifier: for\n |  for\n | .^")]
    [InlineData("1 +\r\nfor\r\n", "ERROR: <input>:2:1: reserved identifier: for\n | for\n | ^")]
    [InlineData("'é👑' + for", "ERROR: <input>:1:8: reserved identifier: for\n | 'é👑' + for\n | .\uFF0E\uFF0E....^")]
    [InlineData("1 + §", "ERROR: <input>:1:5: Syntax error: token recognition error at: '§'\n | 1 + §\n | ....\uFF3E")]
    [InlineData("f(1", "ERROR: <input>:1:4: Syntax error: missing ')' at '<EOF>'\n | f(1\n | ...^")]
    [InlineData("1 + \u0007for", "ERROR: <input>:1:5: Syntax error: token recognition error at: '\uFFFD'\n | 1 +  for\n | ....^")]
    public void Shows_place_line_and_caret(string text, string expected)
    {
        var result = CelParser.Parse(text);

        Assert.Equal(expected, IssueText.Of(result.Source, result.Issues[0]));
    }

    [Fact]
    public void Shows_all_issues_and_the_name_of_the_text()
    {
        var result = CelParser.Parse("for + if", description: "rule.cel");

        Assert.Equal(
            "ERROR: rule.cel:1:1: reserved identifier: for\n | for + if\n | ^\nERROR: rule.cel:1:7: reserved identifier: if\n | for + if\n | ......^",
            IssueText.Of(result.Source, result.Issues));
    }

    [Fact]
    public void A_line_too_long_to_help_is_left_out()
    {
        var result = CelParser.Parse(new string(' ', 20_000) + "for");

        Assert.Equal("ERROR: <input>:1:20001: reserved identifier: for", IssueText.Of(result.Source, result.Issues));
    }

    [Fact]
    public void Places_are_inside_the_text_whatever_is_asked()
    {
        var source = new CelSource("a\n👑b");

        Assert.Equal((1, 1), source.Locate(-5));
        Assert.Equal((1, 2), source.Locate(1));
        Assert.Equal((2, 1), source.Locate(2));
        Assert.Equal((2, 2), source.Locate(4));
        Assert.Equal((2, 3), source.Locate(99));
        Assert.Equal("", source.Line(0).ToString());
        Assert.Equal("👑b", source.Line(2).ToString());
        Assert.Equal("", source.Line(3).ToString());
    }
}
