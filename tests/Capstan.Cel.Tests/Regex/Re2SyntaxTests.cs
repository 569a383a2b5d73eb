using Capstan.Cel.Regex;

namespace Capstan.Cel.Tests.Regex;

public sealed class Re2SyntaxTests
{
    [Theory]
    [InlineData("a(b", "missing closing )", "a(b", 1)]
    [InlineData("a)b", "unexpected )", "a)b", 1)]
    [InlineData("a[b", "missing closing ]", "[b", 1)]
    [InlineData("ab**", "invalid nested repetition operator", "**", 2)]
    [InlineData("a++", "invalid nested repetition operator", "++", 1)]
    [InlineData("a|*", "missing argument to repetition operator", "*", 2)]
    [InlineData("a{1001}", "invalid repeat count", "{1001}", 1)]
    [InlineData("(?:a{40}){26}", "invalid repeat count", "{26}", 9)]
    [InlineData(@"a\Z", "invalid escape sequence", @"\Z", 1)]
    [InlineData(@"\u0041", "invalid escape sequence", @"\u", 0)]
    [InlineData(@"(a)\1", "invalid escape sequence", @"\1", 3)]
    [InlineData(@"a\", "trailing backslash at end of expression", "", 1)]
    [InlineData(@"[z-a]", "invalid character class range", "z-a", 1)]
    [InlineData(@"\p{Klingon}", "invalid character class range", @"\p{Klingon}", 0)]
    [InlineData("a(?=b)", "invalid or unsupported Perl syntax", "(?=", 1)]
    [InlineData("a(?<!b)", "invalid named capture", "(?<!b)", 1)]
    [InlineData("(?#c)", "invalid or unsupported Perl syntax", "(?#", 0)]
    [InlineData("(?P<a-b>c)", "invalid named capture", "(?P<a-b>", 0)]
    [InlineData("a\ud83d", "invalid UTF-8", "\ud83d", 1)]
    public void Refuses_with_reason_fragment_and_position(string pattern, string reason, string fragment, int position)
    {
        // An attribute cannot carry half of a surrogate pair: it arrives replaced.
        pattern = pattern.Replace('\uFFFD', '\ud83d');
        fragment = fragment.Replace('\uFFFD', '\ud83d');

        if (reason == "invalid named capture" && fragment == "(?<!b)")
        {
            fragment = pattern[1..];
        }

        var error = Assert.Throws<Re2SyntaxException>(() => Re2.Compile(pattern));

        Assert.Equal((reason, fragment, position), (error.Reason, error.Fragment, error.Position));
        Assert.Equal($"error parsing regexp: {reason}: `{fragment}`", error.Message);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    public void Groups_nest_a_thousand_deep_with_their_content(int height, bool accepted)
    {
        var pattern = new string('(', height - 1) + "a" + new string(')', height - 1);

        var error = Record.Exception(() => Re2.Compile(pattern)) as Re2SyntaxException;

        Assert.Equal(accepted ? null : "expression nests too deeply", error?.Reason);
    }

    [Fact]
    public void Depth_of_a_hostile_pattern_does_not_reach_the_stack()
    {
        var open = Assert.Throws<Re2SyntaxException>(() => Re2.Compile(new string('(', 1_000_000)));
        var plain = Re2.Compile(string.Concat(Enumerable.Repeat("(?:", 5_000)) + "a" + new string(')', 5_000));

        Assert.Equal("missing closing )", open.Reason);
        Assert.True(plain.IsMatch("bab"));
    }

    [Fact]
    public void Size_is_limited_as_in_Go()
    {
        var largest = string.Concat(Enumerable.Repeat("x{1000}", 3355));

        var error = Assert.Throws<Re2SyntaxException>(() => Re2.Compile(largest + "x{1000}"));

        Assert.Equal("expression too large", error.Reason);
        Assert.Equal(3_355_001, Re2.Compile(largest).ProgramSize);
    }

    [Fact]
    public void Scripts_of_several_words_have_a_name()
    {
        // Go 1.26 lost them when it let names differ by case; RE2 and older Go have them.
        Assert.True(Re2.Compile(@"^\p{Old_Italic}$").IsMatch("\U00010300"));
        Assert.False(Re2.Compile(@"\p{Old_Italic}").IsMatch("a"));
    }

    [Fact]
    public void Names_of_groups_are_told_by_number() =>
        Assert.Equal([null, null, "n", "m"], Re2.Compile("(a)(?P<n>b)(?:c)(?<m>d)").GroupNames);
}
