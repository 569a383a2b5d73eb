using Capstan.Cel.Kubernetes.Admission;

namespace Capstan.Cel.Kubernetes.Tests.Admission;

public sealed class ExpressionSetTests
{
    private static readonly CelEnvironment Environment = KubernetesEnvironment.Default.WithVariable("value", CelType.Dyn);

    [Fact]
    public void A_set_has_the_variables_of_whoever_makes_it()
    {
        var variables = VariableSet.Compile(Environment, [new("half", "value / 2")]);
        var set = ExpressionSet.Compile(variables, [new("small", "variables.half < 10"), new("even", "variables.half * 2 == value")], CelType.Bool);
        Assert.Empty(variables.Faults.Concat(set.Faults));
        var results = Evaluate(set, 7).Results;
        Assert.Equal([("small", true), ("even", false)], results.Select(r => (r.Name, r.IsTrue)));
        Assert.True(results[1].IsFalse);
    }

    [Fact]
    public void What_does_not_compile_is_told_by_name_and_harms_the_others_not()
    {
        var variables = VariableSet.Compile(Environment, [new("good", "1"), new("bad", "1 +")]);
        var set = ExpressionSet.Compile(variables, [new("a", "variables.good == 1"), new("b", "nope"), new("c", "'text'")], CelType.Bool);
        Assert.Equal("bad", Assert.Single(variables.Faults).Name);
        Assert.Equal(["b", "c"], set.Faults.Select(f => f.Name));
        Assert.Equal("must evaluate to bool but got string", set.Faults.Last().Message);
        Assert.Equal([true, false, false], Evaluate(set, 1).Results.Select(r => r.IsTrue));
    }

    [Fact]
    public void Two_variables_of_one_name_are_refused()
    {
        Assert.Throws<ArgumentException>(() => VariableSet.Compile(Environment, [new("a", "1"), new("a", "variables.a + 1")]));
        Assert.Throws<ArgumentException>(() => VariableSet.Compile(Environment.WithVariable("variables", CelType.Dyn)));
    }

    // In Kubernetes the stack grows as needed; a .NET thread would be lost.
    [Fact]
    public void A_chain_of_a_thousand_variables_is_an_error_and_no_end_of_the_process()
    {
        var chain = Enumerable.Range(1, 1000).Select(i => new NamedExpression($"v{i}", $"variables.v{i - 1} + 1"));
        var variables = VariableSet.Compile(Environment, [new("v0", "value"), .. chain]);
        var set = ExpressionSet.Compile(variables, [new("far", "variables.v1000 == 1000"), new("near", "variables.v100 == 100")]);
        CelValue[] inputs = [CelValue.Of(0)];
        ExpressionResults? results = null;
        var thread = new Thread(() => results = set.Evaluate(inputs, cancellation: CancellationToken.None), 1_500_000);
        thread.Start();
        thread.Join();
        Assert.Contains("too many variables rest upon each other", results!.Results[0].Error, StringComparison.Ordinal);

        results = set.Evaluate(inputs, cancellation: TestContext.Current.CancellationToken);
        Assert.NotNull(results.Results[0].Error);
        var fresh = ExpressionSet.Compile(variables, [new("near", "variables.v100 == 100")]).Evaluate(inputs, cancellation: TestContext.Current.CancellationToken);
        Assert.True(fresh.Results[0].IsTrue, fresh.Results[0].Error);
    }

    [Fact]
    public void Variables_as_a_whole_are_a_map_that_may_hold_errors()
    {
        var variables = VariableSet.Compile(Environment, [new("a", "1"), new("bad", "value.nope")]);
        string[] texts = ["variables == variables", "dyn(variables).all(k, k != '')", "dyn(variables) == {'a': 1}", "size(dyn(variables)) == 2", "dyn(variables)['a'] == 1",
            "dyn(variables).transformList(k, v, v).size() == 2", "'%s'.format([dyn(variables)]) == ''", "dyn(variables)[?'bad'].hasValue()", "[variables] == [variables]",
            "variables.?bad.hasValue()", "dyn(variables).exists(k, v, v == 1)", "type(variables) == map"];
        var set = ExpressionSet.Compile(variables, texts.Select(text => new NamedExpression(text, text)));
        Assert.Empty(set.Faults);
        foreach (var (name, value, error) in Evaluate(set, 1).Results)
        {
            // Whatever it comes to: an error that was not seen as one would be inside of a value.
            TestContext.Current.TestOutputHelper!.WriteLine($"{name}: {error ?? value.ToString()}");
            Assert.True(error is not null || value.Kind == CelKind.Bool, name);
            Assert.True(error is not null || !name.Contains("bad", StringComparison.Ordinal), name);
        }
    }

    [Fact]
    public async Task Cancelling_ends_the_set()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var set = ExpressionSet.Compile(VariableSet.Compile(Environment, [new("l", "[1, 2, 3]")]), [new("a", "variables.l.all(x, x > 0)")]);
        Assert.Throws<OperationCanceledException>(() => set.Evaluate([CelValue.Of(1)], cancellation: source.Token));
    }

    [Fact]
    public void Threads_share_a_set()
    {
        var variables = VariableSet.Compile(Environment, [new("double", "value * 2"), new("list", "[dyn(variables.double), value]")]);
        var set = ExpressionSet.Compile(variables, [new("sum", "variables.list.sum() == value * 3"), new("first", "variables.list[0] == variables.double")]);
        Parallel.For(0, 2000, i => Assert.All(set.Evaluate([CelValue.Of(i)]).Results, r => Assert.True(r.IsTrue, r.Error)));
    }

    private static ExpressionResults Evaluate(ExpressionSet set, long value) =>
        set.Evaluate([CelValue.Of(value)], cancellation: TestContext.Current.CancellationToken);
}
