using Capstan.Cel.Checking;
using Capstan.Cel.Costs;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Costs;

public sealed class EstimateTests
{
    private static readonly CheckEnvironment Environment =
        Tests.Checking.Checking.Kubernetes.WithVariable("d", CelType.Dyn).WithVariable("l", CelType.List(CelType.String));

    [Fact]
    public void Presence_tests_are_free_where_the_model_says_so()
    {
        Assert.Equal(CostInterval.Exactly(2), Estimate("has(d.x)", CostModel.Standard));
        Assert.Equal(CostInterval.Exactly(1), Estimate("has(d.x)", CostModel.Standard with { PresenceTestsCost = false }));
    }

    [Fact]
    public void A_program_is_estimated_by_the_sizes_that_it_is_told()
    {
        var program = CelEnvironment.Kubernetes
            .WithVariable("self", CelType.Map(CelType.String, CelType.List(CelType.String)))
            .Compile("has(self.a) && self.a.all(x, x == 'abcdefghijklmnopqrst')");
        Assert.Equal(new CelCostEstimate(1, ulong.MaxValue), program.EstimateCost());

        // The test reads self; the loop reads self, its field and the result; and for each of ten elements the accumulator is read twice and
        // asked whether to go on, the element is read, and 15 characters of it are compared.
        var sizes = new Dictionary<string, long> { ["self.a"] = 10, ["self.a.@items"] = 15 };
        Assert.Equal(new CelCostEstimate(1, 1 + 3 + (10 * (2 + 1 + 1 + 2))), program.EstimateCost(sizes));
    }

    [Fact]
    public void The_first_library_that_knows_a_call_decides()
    {
        var model = CostModel.Standard with
        {
            Calls = [_ => null, call => call.Function == "size" ? CallEstimate.Exactly(7) : null, _ => CallEstimate.Exactly(1000)],
        };
        Assert.Equal(CostInterval.Exactly(8), Estimate("size(l)", model));
    }

    [Fact]
    public void Loops_over_lists_without_bound_saturate()
    {
        Assert.Equal(new CostInterval(2, ulong.MaxValue), Estimate("l.all(x, x == x)", CostModel.Standard));
        Assert.Equal(ulong.MaxValue, Estimate("l.all(x, l.all(y, l.exists(z, x + y == z)))", CostModel.Standard).Max);
    }

    [Fact]
    public void The_longest_and_the_deepest_expressions_are_estimated()
    {
        var nested = string.Concat(Enumerable.Range(0, 100).Select(i => $"l.all(x{i}, ")) + "true" + new string(')', 100);
        foreach (var text in new[]
        {
            nested,
            string.Concat(Enumerable.Repeat('[', 240)) + string.Concat(Enumerable.Repeat(']', 240)),
            "[" + string.Join(',', Enumerable.Repeat("[]", 30_000)) + "]",
            "d" + string.Concat(Enumerable.Repeat(".a", 240)) + " == 1",
            string.Join(" + ", Enumerable.Repeat("l[0]", 200)),
            string.Join(" && ", Enumerable.Repeat("d.a < 1", 9_000)),
        })
        {
            // The stack of a thread of the pool, so that a walk that needs more shows here.
            var cost = CostInterval.Zero;
            var thread = new Thread(() => cost = Estimate(text, CostModel.Standard), 1536 * 1024);
            thread.Start();
            thread.Join();
            Assert.True(cost.Max > 0, text[..20]);
        }
    }

    [Theory]
    [InlineData(0, 0.1, 0)]
    [InlineData(1, 0.1, 1)]
    [InlineData(20, 0.1, 2)]
    [InlineData(21, 0.1, 3)]
    [InlineData(ulong.MaxValue, 0.1, 1844674407370955264)]
    [InlineData(ulong.MaxValue, 1, ulong.MaxValue)]
    [InlineData(ulong.MaxValue, 2, ulong.MaxValue)]
    public void Products_with_factors_are_rounded_up_and_saturate(ulong value, double factor, ulong expected) =>
        Assert.Equal(expected, Saturating.Scale(value, factor));

    [Fact]
    public void Sums_and_products_saturate()
    {
        Assert.Equal(ulong.MaxValue, Saturating.Add(ulong.MaxValue - 1, 2));
        Assert.Equal(ulong.MaxValue, Saturating.Add(ulong.MaxValue - 1, 1));
        Assert.Equal(ulong.MaxValue, Saturating.Multiply(1ul << 32, 1ul << 32));
        Assert.Equal(1ul << 63, Saturating.Multiply(1ul << 32, 1ul << 31));
        Assert.Equal(0ul, Saturating.Multiply(ulong.MaxValue, 0));
    }

    [Fact]
    public void A_path_that_has_room_is_overwritten_by_the_next_one_from_the_same_place()
    {
        var two = FieldPath.Of("self").Append("a");
        var three = two.Append("b");
        var first = three.Append("c");
        var second = three.Append("d");
        Assert.Equal(["self", "a", "b", "d"], first.Parts.ToArray());
        Assert.Equal(["self", "a", "b", "d"], second.Parts.ToArray());

        // Two parts have no room for a third.
        var other = two.Append("e");
        Assert.Equal(["self", "a", "b"], three.Parts.ToArray());
        Assert.Equal(["self", "a", "e"], other.Parts.ToArray());

        _ = three.CopyAndAppend("f");
        Assert.Equal(["self", "a", "b", "d"], second.Parts.ToArray());
    }

    private static CostInterval Estimate(string text, CostModel model) =>
        CostEstimator.Estimate(Tests.Checking.Checking.Check(text, Environment, SyntaxOptions.Kubernetes with { MaxComprehensionDepth = 100 }), model);
}
