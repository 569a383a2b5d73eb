using Capstan.Cel.Syntax;
using FsCheck;
using FsCheck.Fluent;

namespace Capstan.Cel.Tests.Syntax;

public class PrinterTests
{
    [Fact]
    public void Any_tree_prints_as_text_that_parses_to_the_tree()
    {
        var property = Prop.ForAll(Arb.From(RandomTrees.Any), tree =>
        {
            var printed = CelPrinter.Print(tree);
            var again = Parsed.Ok(printed, SyntaxOptions.Spec with { MaxNodes = int.MaxValue });
            Assert.True(TreeText.Of(tree) == TreeText.Of(again.Root), $"{printed}\n{TreeText.Of(tree)}\n{TreeText.Of(again.Root)}");
            Assert.Equal(printed, CelPrinter.Print(again));
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000).WithReplay(20261121, 9), property);
    }

    [Theory]
    [InlineData("a  .b( c )[ d ]", "a.b(c)[d]")]
    [InlineData("(((a)))+(b)", "a + b")]
    [InlineData("(a + b) * c", "(a + b) * c")]
    [InlineData("a + (b + c)", "a + (b + c)")]
    [InlineData("(a ? b : c) ? (d ? e : f) : (g ? h : i)", "(a ? b : c) ? (d ? e : f) : g ? h : i")]
    [InlineData("a && b && c && d", "a && b && c && d")]
    [InlineData("a && (b && (c && d))", "a && (b && (c && d))")]
    [InlineData("(a || b) && c", "(a || b) && c")]
    [InlineData("!(a && b)", "!(a && b)")]
    [InlineData("-(1)", "-(1)")]
    [InlineData("-(-x)", "-(-x)")]
    [InlineData("-(.5)", "-(0.5)")]
    [InlineData("-.x", "-.x")]
    [InlineData("(-x).f()", "(-x).f()")]
    [InlineData("1e21 + 1.0 + 1u", "1E+21 + 1.0 + 1u")]
    [InlineData("has(a.?b.c)", "has(a.?b.c)")]
    [InlineData("l.exists_one(x, x > 1) && l.existsOne(i, x, x > 1)", "l.exists_one(x, x > 1) && l.existsOne(i, x, x > 1)")]
    [InlineData("o.optMap(x, x + 1).orValue(2)", "o.optMap(x, x + 1).orValue(2)")]
    [InlineData("{ ?'a' :b, } == M{?f:1}", "{?\"a\": b} == M{?f: 1}")]
    [InlineData("'''a\n\"'''", "\"a\\n\\\"\"")]
    public void Text(string text, string printed) => Assert.Equal(printed, CelPrinter.Print(Parsed.Ok(text)));

    [Fact]
    public void A_part_of_an_expansion_is_shown_for_people_to_read()
    {
        var ast = Parsed.Ok("l.all(x, x > 1)");
        var fold = (ComprehensionExpr)ast.Root;

        Assert.Equal("@result && x > 1", CelPrinter.Print(fold.Step, ast.MacroCalls));
        Assert.Equal("__comprehension__(l, x, @result, true, @not_strictly_false(@result), @result && x > 1, @result)", CelPrinter.Print(fold));
    }
}
