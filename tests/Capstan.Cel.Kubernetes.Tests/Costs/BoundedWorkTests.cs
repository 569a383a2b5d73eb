using System.Text.Json;

namespace Capstan.Cel.Kubernetes.Tests.Costs;

/// <summary>
/// Expressions that ask for much work: a budget ends each before it does much more than was paid for. Without the bound most of these would
/// run for ever or take all memory.
/// </summary>
public sealed class BoundedWorkTests
{
    private const string Exceeded = "operation cancelled: actual cost limit exceeded";

    // 100,000 characters and elements each.
    private static readonly string Document = JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["text"] = new string('a', 100_000),
        ["list"] = Enumerable.Range(0, 100_000).ToArray(),
        ["empty"] = Enumerable.Repeat("", 100_000).ToArray(),
        ["nested"] = new[] { Enumerable.Range(0, 100_000).ToArray() },
    });

    private static readonly CelEnvironment Environment = KubernetesEnvironment.Default.WithVariable("object", CelType.Dyn);

    [Theory]
    [InlineData("lists.range(1000000).size() > 0")]
    [InlineData("lists.range(9223372036854775807).size() > 0")]
    [InlineData("string(object.text) + string(object.text) != ''")]
    [InlineData("object.text.replace('', object.text) != ''")]
    [InlineData("object.text.split('').size() > 0")]
    [InlineData("object.empty.join(object.text) != ''")]
    [InlineData("object.text.matches(object.text)")]
    [InlineData("object.list.distinct().size() > 0")]
    [InlineData("object.list.map(x, x).size() > 0")]
    [InlineData("object.list.all(x, object.list.all(y, true))")]
    [InlineData("object.nested.map(x, object.nested).flatten(9).size() > 0 && object.list.all(x, x >= 0)")]
    public void What_is_charged_is_charged_before_the_work(string expression) => Exceeds(expression, 1_000);

    [Theory]
    [InlineData("object.list.all(x, object.nested == object.nested)")]
    [InlineData("object.list.all(x, object.nested[0] in object.nested)")]
    [InlineData("object.list.all(x, object.empty.join() == '')")]
    [InlineData("object.list.exists_one(x, object.list.exists_one(y, false))")]
    [InlineData("object.list.filter(x, object.list.filter(y, false).size() > 0).size() > 0")]
    [InlineData("object.list.all(x, -1 in object || -1 in object.list || true)")]
    [InlineData("object.list.map(x, object.text.replace('', 'ab')).size() > 0")]
    [InlineData("object.list.map(x, object.nested.flatten()).size() > 0")]
    public void What_costs_little_is_not_done_for_ever(string expression) => Exceeds(expression, 100_000);

    [Theory]
    [InlineData("x == x")]
    [InlineData("x != x")]
    [InlineData("optional.of(x) == optional.of(x)")]
    [InlineData("[x] == [x]")]
    [InlineData("x in [x]")]
    [InlineData("dyn(x) in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]")]
    [InlineData("x in {x: 1}")]
    [InlineData("{x: 1}.size() == 1")]
    [InlineData("{optional.of(x): 1}.size() == 1")]
    [InlineData("[x].distinct().size() == 1")]
    [InlineData("sets.contains([x], [x])")]
    [InlineData("[x].indexOf(x) == 0")]
    [InlineData("[x].indexOf(x[5]) == 0")]
    [InlineData("'%s'.format([x]) == ''")]
    [InlineData("x.flatten(99).size() > 0")]
    [InlineData("[1].transformMapEntry(i, v, {x: v}).size() == 1")]
    [InlineData("[1, 2].transformMapEntry(i, v, {[x]: v}).size() == 1")]
    public void A_list_that_holds_another_many_times_over_is_not_gone_over(string expression)
    {
        // A list of four lists of four lists and so on, 28 deep: there are few lists, and 2 to the 56th ways through them.
        var doubled = "[dyn([1])]" + string.Concat(Enumerable.Repeat(".map(x, [x, x, x, x])", 28)) + $".map(x, {expression})";
        var limited = Evaluate(doubled, CelBudgets.Call);
        var unlimited = Evaluate(doubled, null);
        Assert.True(IsBounded(limited), limited.Value.ToString());
        Assert.True(IsBounded(unlimited), unlimited.Value.ToString());
    }

    [Fact]
    public void Text_that_is_doubled_ends_at_the_longest_text()
    {
        var doubled = "[dyn('aaaaaaaa')]" + string.Concat(Enumerable.Repeat(".map(x, x + x + x + x)", 28));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = Evaluate(doubled, CelBudgets.Call);
        Assert.True(result.IsError, result.Value.Kind.ToString());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
    }

    [Fact]
    public void A_charge_above_the_limit_is_reported_as_cel_go_does()
    {
        var (value, cost) = Evaluate("lists.range(100).all(x, x >= 0)", 150);
        Assert.Equal(Exceeded, value.ErrorMessage);
        Assert.InRange(cost, 151UL, 153UL);
    }

    private static bool IsBounded(CelEvaluation result) => !result.IsError || result.Value.ErrorMessage == Exceeded;

    private static void Exceeds(string expression, ulong limit)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = Evaluate(expression, limit);
        Assert.Equal(Exceeded, result.Value.IsError ? result.Value.ErrorMessage : result.Value.ToString());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300_000_000);
    }

    private static CelEvaluation Evaluate(string expression, ulong? limit)
    {
        using var document = JsonDocument.Parse(Document);
        return Environment.Compile(expression).Evaluate([CelValue.Of(document.RootElement)], new CelLimits { Cost = limit });
    }
}
