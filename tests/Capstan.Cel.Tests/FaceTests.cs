using System.Text.Json;

namespace Capstan.Cel.Tests;

/// <summary>The library as its users meet it: declare, compile, evaluate.</summary>
public sealed class FaceTests
{
    private static readonly CelEnvironment Objects = CelEnvironment.Kubernetes.WithVariable("object", CelType.Dyn);

    [Fact]
    public void An_expression_is_compiled_once_and_evaluated_over_documents()
    {
        var program = Objects.Compile("object.spec.replicas <= 20");
        using var few = JsonDocument.Parse("""{"spec":{"replicas":3}}""");
        using var many = JsonDocument.Parse("""{"spec":{"replicas":30}}""");
        Assert.Equal(CelType.Bool, program.ResultType);
        Assert.True(program.Uses("object"));
        Assert.True(program.Evaluate([CelValue.Of(few.RootElement)]).Value.Bool);
        Assert.False(program.Evaluate([CelValue.Of(many.RootElement)]).Value.Bool);
    }

    [Fact]
    public void What_does_not_compile_shows_where()
    {
        Assert.False(Objects.TryCompile("object.name == 'a' &&\n  size(1) > 2", out var program, out var diagnostics));
        Assert.Null(program);
        Assert.Equal(
            "ERROR: <input>:2:7: found no matching overload for 'size' applied to '(int)'\n |   size(1) > 2\n | ......^",
            diagnostics.ToString());
        Assert.Equal(diagnostics.ToString(), Assert.Throws<CelCompileException>(() => Objects.Compile("object.name == 'a' &&\n  size(1) > 2")).Message);
    }

    [Fact]
    public void An_error_is_a_value()
    {
        var result = Objects.Compile("object.none").Evaluate([CelValue.Of(CelMap.Of())]);
        Assert.True(result.IsError);
        Assert.Equal("no such key: none", result.Value.ErrorMessage);
        Assert.Equal("no such attribute(s): object", Objects.Compile("object").Evaluate([]).Value.ErrorMessage);
    }

    [Theory]
    [InlineData("object.name == 'a' ||\n  object.none", "2:9: no such key: none\n |   object.none\n | ........^")]
    [InlineData("'👑' == '' || 1 / 0 > 2", "1:16: division by zero\n | '👑' == '' || 1 / 0 > 2\n | .．.............^")]
    [InlineData("[1, 2].map(x, {'k': [x][5]})", "1:24: index out of bounds: 5\n | [1, 2].map(x, {'k': [x][5]})\n | .......................^")]
    [InlineData("1 + int('x' + 'y')", "1:8: ")]
    public void An_error_shows_where_it_came_about(string expression, string expected)
    {
        var program = Objects.Compile(expression);
        var explained = program.Explain(program.Evaluate([CelValue.Of(CelMap.Of((CelValue.Of("name"), CelValue.Of("b"))))]).Value);
        Assert.StartsWith($"ERROR: <input>:{expected}", explained.ToString(), StringComparison.Ordinal);
        Assert.Single(explained.Issues);
        Assert.Throws<ArgumentException>(() => program.Explain(CelValue.Null));
    }

    [Fact]
    public void Functions_of_ones_own_are_checked_and_chosen_by_what_they_take()
    {
        var environment = CelEnvironment.Kubernetes
            .WithFunction("twice", "string.() -> string", a => CelValue.Of(a[0].String + a[0].String))
            .WithFunction("twice", "int.() -> int", a => CelValue.Of(a[0].Int * 2))
            .WithFunction("net.lookup", "(string) -> list(string)", _ => throw new InvalidOperationException("no resolver"));
        Assert.Equal("abab", environment.Compile("'ab'.twice()").Evaluate([]).Value.String);
        Assert.Equal(8, environment.Compile("dyn(4).twice()").Evaluate([]).Value.Int);
        Assert.False(environment.TryCompile("true.twice()", out _, out _));
        Assert.Equal("no such overload: twice(bool)", environment.Compile("dyn(true).twice()").Evaluate([]).Value.ErrorMessage);
        Assert.Equal("net.lookup: no resolver", environment.Compile("net.lookup('a')").Evaluate([]).Value.ErrorMessage);
        Assert.Throws<FormatException>(() => environment.WithFunction("bad", "string -> ", a => a[0]));
    }

    [Fact]
    public void A_library_is_there_only_where_it_was_asked_for()
    {
        Assert.False(Objects.TryCompile("math.abs(-1)", out _, out _));
        Assert.Equal(1, Objects.With(CelLibraries.Math).Compile("math.abs(-1)").Evaluate([]).Value.Int);
        Assert.False(CelEnvironment.Create().TryCompile("1 < 2.0", out _, out _));
        Assert.False(CelEnvironment.Create().TryCompile("{}.?a", out _, out _));
    }

    [Fact]
    public void Times_of_NET_are_times_of_CEL()
    {
        var environment = CelEnvironment.Kubernetes.WithVariable("t", CelType.Timestamp).WithVariable("d", CelType.Duration);
        var time = new DateTimeOffset(1969, 12, 31, 23, 59, 59, 999, TimeSpan.FromHours(2)).AddTicks(7);
        CelValue[] values = [CelValue.Of(time), CelValue.Of(TimeSpan.FromTicks(-15))];
        Assert.Equal("1969-12-31T23:59:59.9990007+02:00 | -0.0000015s", environment.Compile("string(t) + ' | ' + string(d)").Evaluate(values).Value.String);
        Assert.Equal(time.AddTicks(-15), environment.Compile("t + d").Evaluate(values).Value.Timestamp.ToDateTimeOffset());
        Assert.Equal(TimeSpan.FromTicks(-30), environment.Compile("d + d").Evaluate(values).Value.Duration.ToTimeSpan());
        Assert.All((DateTimeOffset[])[DateTimeOffset.MinValue, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue], t => Assert.Equal(t, CelValue.Of(t).Timestamp.ToDateTimeOffset()));
        Assert.Equal("integer overflow", CelValue.Of(TimeSpan.MaxValue).ErrorMessage);
    }

    [Fact]
    public void What_a_list_or_map_of_the_users_throws_is_an_error_and_the_program_goes_on()
    {
        var program = Objects.Compile("[1].exists(x, object.size() > 0) ? object[0] : 'empty'");
        var broken = program.Evaluate([CelValue.Of(new Broken())]);
        Assert.Equal((true, "no element today"), (broken.IsError, broken.Value.ErrorMessage));
        Assert.Equal("empty", program.Evaluate([CelValue.Of(CelList.Of())]).Value.String);
    }

    private sealed class Broken : CelList
    {
        public override int Count => 1;

        public override CelValue this[int index] => throw new InvalidOperationException("no element today");
    }

    [Fact]
    public void Cancellation_ends_a_loop()
    {
        var program = Objects.Compile("object.all(x, object.all(y, object.all(z, x + y + z < 0 || true)))");
        var list = CelValue.Of(CelList.Of([.. Enumerable.Range(0, 1000).Select(i => CelValue.Of((long)i))]));
        Assert.Equal("operation interrupted", program.Evaluate([list], new() { Cancellation = new CancellationToken(true) }).Value.ErrorMessage);
    }
}
