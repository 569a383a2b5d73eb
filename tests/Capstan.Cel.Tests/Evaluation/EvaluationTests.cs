using System.Text.Json;
using Capstan.Cel.Evaluation;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Evaluation;

public class EvaluationTests
{
    private const string Document = """
        {"metadata":{"name":"web","labels":{"app":"x\u0041"}},
         "spec":{"replicas":3,"ratio":1.0,"big":1e3,"huge":18446744073709551615,"containers":[
           {"name":"a","image":"reg/a:1","resources":{"limits":{"cpu":"1"}}},
           {"name":"b","image":"reg/b:1","resources":{"limits":{}}},
           {"name":"c","image":"reg/c:1","resources":{"limits":null}}]}}
        """;

    [Theory]
    [InlineData("object.spec.replicas == 3 && type(object.spec.replicas) == int")]
    [InlineData("type(object.spec.ratio) == double && type(object.spec.big) == double && type(object.spec.huge) == double")]
    [InlineData("object.metadata.labels.app == 'xA' && 'xA' == object.metadata.labels.app && object.metadata.labels['app'].size() == 2")]
    [InlineData("object.spec.containers.all(c, has(c.resources) && has(c.resources.limits))")]
    [InlineData("object.spec.containers.exists(c, c.image.matches('^reg/b:[0-9]$'))")]
    [InlineData("object.spec.containers.map(c, c.name) == ['a', 'b', 'c']")]
    [InlineData("object.spec.containers[1].name == 'b' && object.spec.containers.size() == 3")]
    [InlineData("object.spec.containers.filter(c, c.name in ['a', 'z']).size() == 1")]
    [InlineData("!has(object.spec.missing) && has(object.spec.containers[2].resources.limits)")]
    [InlineData("object.spec.missing == 1 || object.spec.replicas == 3")]
    [InlineData("object == object && object.metadata.all(k, k in ['name', 'labels'])")]
    [InlineData("object.?spec.?missing.orValue(7) == 7")]
    [InlineData("object.metadata.name.startsWith('we') && object.metadata.name.contains('eb') && object.metadata.name.endsWith('b')")]
    public void Reads_a_document_in_place(string expression)
    {
        using var document = JsonDocument.Parse(Document);
        var result = Compile(expression).Evaluate([CelValue.Of(document.RootElement)]).Value;
        Assert.True(result is { Kind: CelKind.Bool, Bool: true }, result.ToString());
    }

    [Theory]
    [InlineData("object.spec.replicas <= 20")]
    [InlineData("object.metadata.name == 'web'")]
    [InlineData("object.spec.missing == 1 || object.spec.replicas == 3")]
    [InlineData("object.spec.containers.all(c, has(c.resources) && has(c.resources.limits))")]
    [InlineData("object.spec.containers.exists(c, c.image.matches('b:[0-9]'))")]
    [InlineData("object.metadata.name.startsWith('we')")]
    public void Allocates_nothing(string expression)
    {
        using var document = JsonDocument.Parse(Document);
        var program = Compile(expression);
        CelValue[] values = [CelValue.Of(document.RootElement)];
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(program.Evaluate(values).Value.Bool);
        }

        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                program.Evaluate(values);
            }
        }));
    }

    [Fact]
    public void A_value_is_24_bytes() => Assert.Equal(24, System.Runtime.CompilerServices.Unsafe.SizeOf<CelValue>());

    [Theory]
    [InlineData("[1, 0].all(x, 1 / x > 5)", "false")]
    [InlineData("[0, 1].all(x, 1 / x > 0)", "division by zero")]
    [InlineData("[0, 1].exists(x, 1 / x > 0)", "true")]
    [InlineData("[1, 0].map(x, 1 / x).exists(y, y == 1)", "division by zero")]
    [InlineData("[1, 0].exists_one(x, 1 / x == 1)", "division by zero")]
    [InlineData("1 / 0 == 1 && false", "false")]
    [InlineData("true || 'a'", "true")]
    [InlineData("'a' || true", "true")]
    [InlineData("(1 / 0 == 1) ? 1 : 2", "division by zero")]
    [InlineData("true ? 1 : 1 / 0", "1")]
    [InlineData("{'a': 1}.b", "no such key: b")]
    [InlineData("[1][3]", "index out of bounds: 3")]
    [InlineData("1 < dyn('a')", "no such overload")]
    [InlineData("1 == dyn('a')", "false")]
    [InlineData("x", "undeclared reference to 'x'")]
    [InlineData("9223372036854775807 + 1", "integer overflow")]
    public void Errors_are_values_and_are_absorbed_as_the_language_says(string expression, string expected) =>
        Assert.Equal(expected, Compile(expression).Evaluate([]).Value.ToString());

    [Fact]
    public void Half_a_surrogate_in_a_document_is_no_exception()
    {
        using var document = JsonDocument.Parse("""{"a":"\ud800","\udc00":1}""");
        var result = Compile("object.a == 'b' || object.all(k, k == 'c') || object.a.size() > 99 || has(object.zz)")
            .Evaluate([CelValue.Of(document.RootElement)]).Value;
        Assert.Equal("false", result.ToString());
    }

    [Fact]
    public void A_loop_ends_when_its_budget_is_used_up_or_it_is_cancelled_though_errors_are_absorbed()
    {
        const string Expression = "object.exists(a, object.exists(b, object.exists(c, a + b + c < 0))) || true";
        using var document = JsonDocument.Parse($"[{string.Join(',', Enumerable.Range(0, 200))}]");
        CelValue[] values = [CelValue.Of(document.RootElement)];
        var program = Compile(Expression);
        Assert.Equal(EvalErrorKind.CostLimitExceeded, program.Evaluate(values, new() { Cost = 1000 }).Value.ErrorKind);
        Assert.Equal(EvalErrorKind.Cancelled, program.Evaluate(values, new() { Cancellation = new CancellationToken(true) }).Value.ErrorKind);
        Assert.Equal("true", program.Evaluate(values).Value.ToString());
    }

    [Theory]
    [InlineData("sets.equivalent(object, object.map(x, x))", "true")]
    [InlineData("sets.intersects(object, object.map(x, [x]))", "false")]
    [InlineData("object.map(x, [x, 1]).distinct().size()", "100000")]
    public void Long_lists_are_compared_as_sets_in_linear_time(string expression, string expected)
    {
        using var document = JsonDocument.Parse($"[{string.Join(',', Enumerable.Range(0, 100_000))}]");
        Assert.Equal(expected, Compile(expression).Evaluate([CelValue.Of(document.RootElement)]).Value.ToString());
    }

    [Fact]
    public void A_program_is_used_by_many_threads()
    {
        var program = Compile("object.map(x, x * 2).exists(y, y == 38) && !object.exists(z, z == 77)");
        using var document = JsonDocument.Parse($"[{string.Join(',', Enumerable.Range(0, 20))}]");
        var value = CelValue.Of(document.RootElement);
        var right = 0;
        Parallel.For(0, 2000, _ =>
        {
            if (program.Evaluate([value]).Value.ToString() == "true")
            {
                Interlocked.Increment(ref right);
            }
        });
        Assert.Equal(2000, right);
    }

    private static EvalProgram Compile(string expression)
    {
        var parsed = CelParser.Parse(expression);
        Assert.Empty(parsed.Issues);
        return Lowering.Lower(parsed.Ast!, new EvalScope(CelEnvironment.Kubernetes.Functions, ["object"]));
    }
}
