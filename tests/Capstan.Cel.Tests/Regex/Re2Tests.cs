using System.Text;
using Capstan.Cel.Regex;

namespace Capstan.Cel.Tests.Regex;

public sealed class Re2Tests
{
    private const string DnsLabel = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    public static TheoryData<string, string> Searches => new()
    {
        { DnsLabel, "web-frontend-7" },
        { DnsLabel, "Web" },
        { "abc", "xxabcxx" },
        { "abc.*x", "xxabcxx" },
        { @"\bé\w*\b", "caf é9 x" },
        { "(?i)straße|👑+", "x 👑👑" },
        { @"(?m)^b$", "a\nb\nc" },
        { @"[\p{Greek}\p{Han}]+z", "Ωμέγα日本 z" },
    };

    [Theory]
    [MemberData(nameof(Searches))]
    public void Telling_whether_there_is_a_match_allocates_nothing(string pattern, string text)
    {
        var expression = Re2.Compile(pattern);
        var utf8 = Encoding.UTF8.GetBytes(text);
        var warm = (expression.IsMatch(text), expression.IsMatch(utf8));

        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                expression.IsMatch(text);
                expression.IsMatch(utf8);
            }
        }));
        Assert.Equal(warm.Item1, warm.Item2);
    }

    [Fact]
    public void A_surrogate_pair_is_one_character()
    {
        Assert.True(Re2.Compile("^.$").IsMatch("👑"));
        Assert.True(Re2.Compile("^[^x]$").IsMatch("👑"));
        Assert.Equal(new Re2Range(1, 2), Re2.Compile(".b").Find("a👑b"u8) is { Length: 5 } ? Re2.Compile(@"[\x{1F451}]").Find("a👑b") : null);
        Assert.False(Re2.Compile("^..$").IsMatch("👑"));
    }

    [Fact]
    public void Broken_text_reads_as_replacement_characters_unit_by_unit()
    {
        Assert.Equal([new(0, 1), new(1, 1), new(2, 1)], Re2.Compile(@"\x{FFFD}").FindAll([0xE2, 0x82, 0xFF, (byte)'a']));
        Assert.Equal([new(0, 1), new(2, 1)], Re2.Compile("\uFFFD").FindAll(['\ud83d', 'a', '\udc51']));
        Assert.False(Re2.Compile("^a.b$").IsMatch([(byte)'a', 0xE2, 0x82, (byte)'b']));
        Assert.True(Re2.Compile("^a..b$").IsMatch([(byte)'a', 0xE2, 0x82, (byte)'b']));
    }

    [Fact]
    public void The_dollar_is_the_end_of_the_text_alone()
    {
        Assert.False(Re2.Compile("a$").IsMatch("a\n"));
        Assert.True(Re2.Compile("(?m)a$").IsMatch("a\n"));
        Assert.False(Re2.Compile(@"(?m)a\z").IsMatch("a\n"));
    }

    [Fact]
    public void Digits_words_and_spaces_are_those_of_ASCII()
    {
        Assert.False(Re2.Compile(@"\d").IsMatch("٣"));
        Assert.False(Re2.Compile(@"\w").IsMatch("é"));
        Assert.False(Re2.Compile(@"\s").IsMatch("\u00A0\v"));
        Assert.True(Re2.Compile(@"[[:space:]]").IsMatch("\v"));
    }

    [Theory]
    [InlineData(-1, 4)]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(9, 4)]
    public void Limit_bounds_the_matches(int limit, int count) => Assert.Equal(count, Re2.Compile("a.").FindAll("abacadae", limit).Count);

    [Fact]
    public void Groups_that_took_no_part_say_so() =>
        Assert.Equal([new(0, 1), Re2Range.None, new(0, 1)], Re2.Compile("(a)|(b)").FindGroups("b")!);

    [Fact]
    public async Task One_expression_serves_many_threads()
    {
        var pattern = @"(?i)(?:[a-c]+x|\bq[^0-9]{1,4}z|é+👑)";
        var shared = Re2.Compile(pattern);
        var random = new Random(11);
        var texts = Enumerable.Range(0, 400).Select(_ => string.Concat(Enumerable.Range(0, 24).Select(_ => Pick(random)))).ToList();
        var alone = texts.ConvertAll(t => (Re2.Compile(pattern).IsMatch(t), Re2.Compile(pattern).Find(t)));

        using var start = new Barrier(8);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (var i = 0; i < texts.Count; i++)
                {
                    var at = (i * 7 + thread * 53) % texts.Count;
                    Assert.Equal(alone[at], (shared.IsMatch(texts[at]), shared.Find(texts[at])));
                    Assert.Equal(alone[at].Item1, shared.IsMatch(Encoding.UTF8.GetBytes(texts[at])));
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.InRange(alone.Count(a => a.Item1), 40, 396);

        static string Pick(Random random) => random.Next(10) switch
        {
            0 => "👑",
            1 => "é",
            2 => "Q",
            3 => "z",
            4 => "X",
            var n => ((char)('a' + n)).ToString(),
        };
    }
}
