using System.Text;
using Capstan.Cel.Regex;

namespace Capstan.Cel.Tests.Regex;

/// <summary>Work is counted, not timed.</summary>
public sealed class LinearTimeTests
{
    public static TheoryData<string> Hostile =>
    [
        "(a*)*b", "(a|a)*c", "(a+)+$x", "(a|aa)+b", "(.*)(.*)(.*)(.*)(.*)b", "((a?){50}){20}b", "a{1000}b", "(?:a?){500}a{500}b", "(((a*)*)*)*b",
        @"(\ba*\b)*b", "(?m)(^a*$)*b", "(a|b|ab)*?c",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Finding_visits_each_instruction_a_bounded_number_of_times_per_character(string pattern)
    {
        var program = Program(pattern);
        foreach (var length in new[] { 100, 1000 })
        {
            var machine = new PikeMachine(program);

            Assert.False(machine.Find<char, Utf16Units>(new string('a', length), 0, new int[2]));

            Assert.InRange(machine.Steps, length, 2L * program.Instructions.Length * (length + 1) + 2);
        }
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Telling_whether_there_is_a_match_makes_a_bounded_number_of_states(string pattern)
    {
        var expression = Re2.Compile(pattern);

        Assert.False(expression.IsMatch(new string('a', 1_000)));
        Assert.False(expression.IsMatch(new string('a', 2_000)));

        Assert.InRange(expression.StepsBuilt, 0, 2 * LazyDfa.MissesBeforeDoubt);
    }

    [Theory]
    [InlineData("(a*)*b")]
    [InlineData("(a|a)*c")]
    [InlineData("(a+)+$x")]
    [InlineData(@"(\ba*\b)*b")]
    public void A_text_a_thousand_times_as_long_makes_no_more_states(string pattern)
    {
        var expression = Re2.Compile(pattern);

        Assert.False(expression.IsMatch(new string('a', 100)));
        var built = expression.StepsBuilt;
        Assert.False(expression.IsMatch(new string('a', 100_000)));

        Assert.InRange(built, 1, 10);
        Assert.Equal(built, expression.StepsBuilt);
    }

    [Fact]
    public void Exponentially_many_states_are_given_up_before_they_cost()
    {
        var expression = Re2.Compile("[ab]*a[ab]{300}c");
        var random = new Random(4);
        var text = new string([.. Enumerable.Range(0, 5_000).Select(_ => random.Next(2) == 0 ? 'a' : 'b')]);

        Assert.False(expression.IsMatch(text));
        Assert.True(expression.IsMatch(text + new string('a', 301) + "c"));

        Assert.InRange(expression.StepsBuilt, 1, 2 * LazyDfa.MissesBeforeDoubt);
    }

    [Fact]
    public void A_table_that_is_full_is_dropped_and_the_answers_stay()
    {
        var program = Program("[ab]*a[ab]{6}c|(?:a|b)*?bb[ab]{5}d");
        var small = new LazyDfa(program, RuneClasses.Of(program)!, maxCells: 4_000);
        var machine = new PikeMachine(program);
        var random = new Random(5);
        var matches = 0;
        for (var i = 0; i < 2_000; i++)
        {
            var text = Encoding.UTF8.GetBytes([.. Enumerable.Range(0, 30).Select(_ => "aaaabbbbcd"[random.Next(10)])]);
            var expected = machine.Find<byte, Utf8Units>(text, 0, []);
            matches += expected ? 1 : 0;

            Assert.Equal(expected, small.IsMatch<byte, Utf8Units>(text, 0));
        }

        Assert.InRange(matches, 50, 1_950);
        Assert.InRange(small.Flushes, 3, 100_000);
    }

    [Fact]
    public void A_state_larger_than_the_table_is_not_made()
    {
        var program = Program("(?:a?){1000}b");
        var small = new LazyDfa(program, RuneClasses.Of(program)!, maxCells: 4_000);

        Assert.Null(small.IsMatch<char, Utf16Units>("aaaab", 0));
        Assert.True(Re2.Compile("(?:a?){1000}b").IsMatch("aaaab"));
    }

    [Fact]
    public void An_alphabet_too_large_for_a_table_is_searched_without()
    {
        var pattern = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"{(char)(0x4E00 + i * 2)}?"));
        var expression = Re2.Compile($"^{pattern}$");

        Assert.Null(RuneClasses.Of(Program(pattern)));
        Assert.True(expression.IsMatch("\u4E00\u4E02\u4E10"));
        Assert.False(expression.IsMatch("\u4E02\u4E00"));
    }

    private static Capstan.Cel.Regex.Program Program(string pattern)
    {
        var node = Parser.Parse(pattern, out var groups);
        return Compiler.Compile(node, groups.Length);
    }
}
