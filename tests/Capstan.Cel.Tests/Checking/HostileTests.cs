using System.Diagnostics;
using System.Text;
using Capstan.Cel.Checking;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Checking;

public sealed class HostileTests
{
    private static readonly CheckEnvironment Environment = Checking.Kubernetes.WithVariable("d", CelType.Dyn).WithVariable("s", CelType.String);

    [Fact]
    public void Types_that_double_at_each_step_end_with_an_issue()
    {
        // Both names have types of 2^60 parts, and share none of them.
        var text = new StringBuilder();
        foreach (var name in "ab")
        {
            text.Append($"cel.bind({name}0, [1], ");
            for (var i = 1; i <= 60; i++)
            {
                text.Append($"cel.bind({name}{i}, {{{name}{i - 1}: {name}{i - 1}}}, ");
            }
        }

        text.Append("a60 == b60").Append(')', 122);
        Assert.Equal(
            "expression is too complex to check: the work on its types exceeds the limit", Assert.Single(Check(text.ToString()).Issues).Message);
    }

    [Fact]
    public void Messages_about_enormous_types_are_short()
    {
        var text = new StringBuilder("cel.bind(a0, [1], ");
        for (var i = 1; i <= 60; i++)
        {
            text.Append($"cel.bind(a{i}, {{a{i - 1}: a{i - 1}}}, ");
        }

        var issue = Assert.Single(Check(text.Append("a60 + 1").Append(')', 61).ToString()).Issues);
        Assert.StartsWith("found no matching overload for '_+_' applied to '(map(map(", issue.Message, StringComparison.Ordinal);
        Assert.InRange(issue.Message.Length, 100, 2000);
    }

    [Fact]
    public void The_longest_and_the_deepest_texts_are_checked()
    {
        foreach (var text in new[]
        {
            string.Concat(Enumerable.Repeat('[', 240)) + string.Concat(Enumerable.Repeat(']', 240)),
            string.Join(" && ", Enumerable.Repeat("d.a < 1", 9_000)),
            "[" + string.Join(',', Enumerable.Repeat("d", 45_000)) + "]",
            "[" + string.Join(',', Enumerable.Repeat("[]", 30_000)) + "]",
            "d" + string.Concat(Enumerable.Repeat(".a", 240)),
            string.Join(" + ", Enumerable.Repeat("s", 240)),
        })
        {
            Assert.Empty(Check(text).Issues);
        }
    }

    [Fact]
    public void A_thousand_errors_are_cut_off() =>
        Assert.Equal(100, Check("[" + string.Join(',', Enumerable.Repeat("x", 1000)) + "]").Issues.Count);

    [Fact]
    public void No_mixture_of_the_suites_expressions_makes_it_throw()
    {
        var folder = SharedFile.Folder("cel-spec");
        Assert.SkipWhen(folder is null, "the conformance suite is not in ../shared/cel-spec");
        var texts = SuiteCase.All(folder!).Select(c => c.Expression).Where(e => e.Length < 200).ToList();
        var random = new Random(4);
        var (parsed, valid) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var (one, other) = (texts[random.Next(texts.Count)], texts[random.Next(texts.Count)]);
            var text = random.Next(6) switch
            {
                0 => $"({one}) + ({other})",
                1 => $"[{one}, {other}][0]",
                2 => $"{{{one}: {other}}}.map(x, x)",
                3 => $"[{one}].all(s, {other})",
                4 => $"({one}) ? ({other}) : d",
                _ => one[..random.Next(one.Length + 1)] + other[random.Next(other.Length + 1)..],
            };
            if (CelParser.Parse(text, SyntaxOptions.Spec).Ast is { } ast)
            {
                parsed++;
                var result = CelChecker.Check(ast, Environment);
                valid += result.IsValid ? 1 : 0;
                Assert.True(result.IsValid || result.Issues.All(x => x.Offset <= text.Length && x.Message.Length > 0), text);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{parsed} parsed, {valid} valid");
        Assert.True(valid > 1000, $"{parsed} parsed, {valid} valid");
    }

    private static CheckedExpression Check(string text)
    {
        var watch = Stopwatch.StartNew();
        var result = Checking.Check(text, Environment, SyntaxOptions.Spec);
        TestContext.Current.TestOutputHelper!.WriteLine($"{text.Length} characters: {watch.ElapsedMilliseconds} ms");
        return result;
    }
}
