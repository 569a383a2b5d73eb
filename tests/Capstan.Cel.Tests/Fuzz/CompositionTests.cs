using Capstan.Cel.Tests.Reference;

namespace Capstan.Cel.Tests.Fuzz;

/// <summary>
/// What is known of an expression around another one, whatever that one is: value and cost follow from its own. What the evaluator makes of
/// constants, of chains and of types it knows must not show.
/// </summary>
public class CompositionTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("[§]", 1, 10, "[§]")]
    [InlineData("[§, §]", 2, 10, "[§, §]")]
    [InlineData("{'k': §}", 1, 30, "{\"k\": §}")]
    [InlineData("optional.of(§)", 1, 1, "optional(§)")]
    [InlineData("[1, 2].filter(x, x > 0).map(x, §)", 2, 56, "[§, §]")]
    [InlineData("[1].exists(x, optional.of(§).hasValue())", 1, 7, "true")]
    [InlineData("optional.of(§).hasValue() || 1 / 0 == 1", 1, 2, "true")]
    public void Value_and_cost_of_the_whole_follow_from_those_of_the_part(string whole, int times, int more, string expected)
    {
        using var inputs = Inputs.Of(5);
        var tried = 0;
        for (var seed = 1; seed <= 1_500; seed++)
        {
            var random = new Random(seed);
            var part = new RandomExpressions(random, 0.0, false).Next(random.Next(1, 4)).ToString();
            if (!Inputs.Kubernetes.TryCompile(part, out var alone, out _)
                || !Inputs.Kubernetes.TryCompile(whole.Replace("§", $"({part})", StringComparison.Ordinal), out var together, out _))
            {
                continue;
            }

            // A part that costs nothing may be a constant, and then the whole is one too.
            var (one, both) = (alone.Evaluate(inputs.Tape), together.Evaluate(inputs.Tape));
            if (one.IsError || one.Cost == 0)
            {
                continue;
            }

            tried++;
            var value = RefText.Show(RefBridge.Of(one.Value));
            Assert.True(
                expected.Replace("§", value, StringComparison.Ordinal) == RefText.Show(RefBridge.Of(both.Value)) && both.Cost == ((ulong)times * one.Cost) + (ulong)more,
                $"{together}: {RefText.Show(RefBridge.Of(both.Value))} for {both.Cost}\n{part}: {value} for {one.Cost}");
        }

        output.WriteLine($"{tried} parts");
        Assert.True(tried > 300, $"{tried} parts");
    }

    [Fact]
    public void What_the_checker_does_not_know_has_the_same_value()
    {
        using var inputs = Inputs.Of(9);
        var tried = 0;
        for (var seed = 1; seed <= 3_000; seed++)
        {
            var random = new Random(seed);
            var piece = new RandomExpressions(random, 0.0, false).Next(random.Next(1, 5));
            var hidden = Hide(piece).ToString();
            if (!Inputs.Kubernetes.TryCompile(piece.ToString(), out var known, out _) || !Inputs.Kubernetes.TryCompile(hidden, out var unknown, out _))
            {
                continue;
            }

            tried++;
            var (one, other) = (known.Evaluate(inputs.Tape), unknown.Evaluate(inputs.Tape));
            Assert.True(
                RefBridge.Same(RefBridge.Of(one.Value), RefBridge.Of(other.Value)),
                $"{known}: {RefText.Show(RefBridge.Of(one.Value))}\n{hidden}: {RefText.Show(RefBridge.Of(other.Value))}");
        }

        output.WriteLine($"{tried} expressions");
        Assert.True(tried > 1_000, $"{tried} expressions");
    }

    // Each number, text and list that is written is dyn: nothing is folded, no overload is known.
    private static Piece Hide(Piece piece) =>
        piece.Parts is [] && piece.Format is [(>= '0' and <= '9') or '\'' or '[', ..] and not "[]" and not "0" and not "1" and not "2"
            ? new Piece($"dyn({piece.Format})")
            : piece with { Parts = [.. piece.Parts.Select(Hide)] };
}
