using Capstan.Cel.Checking;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Checking;

public sealed class CheckerTests
{
    private static readonly CelObjectType Node = new("Node", Field);

    private static readonly CheckEnvironment Environment = Checking.Kubernetes
        .WithType(Node)
        .WithVariable("node", Node)
        .WithVariable("d", CelType.Dyn)
        .WithVariable("s", CelType.String)
        .WithVariable("n", CelType.Int)
        .WithVariable("maybe", CelType.Wrapper(CelType.Int))
        .WithVariable("opt", CelType.Optional(Node))
        .WithVariable("a.b.c", CelType.Int)
        .WithVariable("x.y", CelType.String)
        .WithVariable("y", CelType.Bool);

    // Fields may have the type that they are in.
    private static CelType? Field(string name) => name switch
    {
        "name" => CelType.String,
        "next" => Node,
        "labels" => CelType.Map(CelType.String, CelType.String),
        "since" => CelType.Timestamp,
        _ => null,
    };

    [Theory]
    [InlineData("missing", "1:1: undeclared reference to 'missing' (in container '')")]
    [InlineData("s == null", "1:3: found no matching overload for '_==_' applied to '(string, null)'")]
    [InlineData("node.z", "1:5: undefined field 'z'")]
    [InlineData("has(node.z)", "1:4: undefined field 'z'")]
    [InlineData("[1, 'a']", "1:5: expected type 'int' but found 'string'")]
    [InlineData("{'a': 1, 'b': 2u}", "1:15: expected type 'int' but found 'uint'")]
    [InlineData("[n, dyn(2)]", "1:8: expected type 'int' but found 'dyn'")]
    [InlineData("[1, null, 'a']", "1:5: expected type 'int' but found 'null'")]
    [InlineData("[[], [1], ['a']]", "1:11: expected type 'list(int)' but found 'list(string)'")]
    [InlineData("{1: 'a', 'b': 2}", "1:10: expected type 'int' but found 'string'; 1:15: expected type 'string' but found 'int'")]
    [InlineData("[1, timestamp('x')]", "1:14: expected type 'int' but found 'timestamp'; 1:15: invalid timestamp argument")]
    [InlineData("s.format([1, [2, 'a']]) + s.replace('a', ['x', 1][0])", "1:48: expected type 'string' but found 'int'")]
    [InlineData("s.contains(n)", "1:11: found no matching overload for 'contains' applied to 'string.(int)'")]
    [InlineData("s.nothing()", "1:10: undeclared reference to 'nothing' (in container '')")]
    [InlineData("s.field", "1:2: type 'string' does not support field selection")]
    [InlineData("node['name']", "1:5: found no matching overload for '_[_]' applied to '(Node, string)'")]
    [InlineData("n.all(x, x > 0)", "1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)")]
    [InlineData("node.next.since + 1", "1:17: found no matching overload for '_+_' applied to '(timestamp, int)'")]
    [InlineData("n + s + missing", "1:3: found no matching overload for '_+_' applied to '(int, string)'; 1:9: undeclared reference to 'missing' (in container '')")]
    [InlineData("Node{name: 1}", "1:10: expected type of field 'name' is 'string' but provided type is 'int'")]
    [InlineData("Node{nam: 's'}", "1:9: undefined field 'nam'")]
    [InlineData("Other{}", "1:6: undeclared reference to 'Other' (in container '')")]
    [InlineData("int{}", "1:4: 'int' is not a message type")]
    [InlineData("1 == 1.0", "1:3: found no matching overload for '_==_' applied to '(int, double)'")]
    [InlineData("[?1]", "1:3: expected type 'optional_type(int)' but found 'int'")]
    [InlineData("opt.name + 'a'", "1:10: found no matching overload for '_+_' applied to '(optional_type(string), string)'")]
    [InlineData("timestamp('1000-00-00T00:00:00Z') == node.since", "1:11: invalid timestamp argument")]
    [InlineData("duration('1') > duration('1s')", "1:10: invalid duration argument")]
    [InlineData("s.matches('x++')", "1:11: invalid matches argument")]
    [InlineData("matches('x++', s)", "1:9: invalid matches argument")]
    [InlineData("timestamp(null) == timestamp(253402300800)", "1:11: invalid timestamp argument; 1:30: invalid timestamp argument")]
    [InlineData("[type(n), type(s), type(1.0)]", "1:15: expected type 'type(int)' but found 'type(string)'")]
    [InlineData("'%d %s'.format([1])", "1:15: index 1 out of range")]
    [InlineData("'%d%%'.format([1, 2])", "1:14: too many arguments supplied to string.format (expected 1, got 2)")]
    [InlineData("'%s %d %d'.format([1, 2, s])", "1:26: error during formatting: decimal clause can only be used on integers, was given string")]
    [InlineData("'%q'.format([1])", "1:12: could not parse formatting clause: unrecognized formatting clause \"q\"")]
    public void Says_what_is_wrong_and_where(string text, string expected) => Assert.Equal(expected, Checking.Outcome(text, Environment));

    [Theory]
    [InlineData("node.next.next.name", "string")]
    [InlineData("node == null || node.since != null", "bool")]
    [InlineData("maybe == null || maybe + 1 > 2", "bool")]
    [InlineData("'%s %d'.format(['a', 1]) + '%s'.format([[1, 'b']])", "string")]
    [InlineData("'%d %s %.2f %e %x %X %o %b %s'.format([1, null, 1.5, 'NaN', b'a', d, 1u, true, [d, {'a': type(1)}]])", "string")]
    [InlineData("d.x.y[0].z", "dyn")]
    [InlineData("d + 1", "int")]
    [InlineData("d < d", "bool")]
    [InlineData("d + d", "dyn")]
    [InlineData("1 < 1.5 && 2u >= 1", "bool")]
    [InlineData("a.b.c + 1", "int")]
    [InlineData("[true].map(a, d).size()", "int")]
    [InlineData("[node].map(x, x.name)", "list(string)")]
    [InlineData("node.labels.map(k, k)", "list(string)")]
    [InlineData("node.labels.transformMap(k, v, size(v))", "map(string, int)")]
    [InlineData("[s].transformList(i, v, i)", "list(int)")]
    [InlineData("node.?next.name", "optional_type(string)")]
    [InlineData("node.labels[?'a'].orValue('b')", "string")]
    [InlineData("opt.optMap(o, o.name)", "optional_type(string)")]
    [InlineData("[[]]", "list(list(dyn))")]
    [InlineData("[[], [1]]", "list(list(int))")]
    [InlineData("Node{name: s, next: null, ?since: optional.none()}", "Node")]
    [InlineData("type(1) == int && type(node) == Node && type(node.since) == google.protobuf.Timestamp", "bool")]
    [InlineData("type([1])", "type(list(int))")]
    [InlineData("true ? 1 : d", "dyn")]
    [InlineData("[3, 1].sortBy(v, -v)", "list(int)")]
    public void Deduces_the_type(string text, string expected) => Assert.Equal(expected, Checking.Outcome(text, Environment));

    [Fact]
    public void A_loop_variable_hides_names_that_begin_with_it_and_a_dot_in_front_shows_them_again()
    {
        Assert.Equal("list(int)", Checking.Outcome("[{'y': 1}].map(x, x.y)", Environment));
        Assert.Equal("list(string)", Checking.Outcome("[{'y': 1}].map(x, .x.y)", Environment));
    }

    [Fact]
    public void The_longest_namespace_comes_first()
    {
        Assert.Equal("string", Checking.Outcome("y", Environment with { Container = "x" }));
        Assert.Equal("bool", Checking.Outcome(".y", Environment with { Container = "x" }));
        Assert.Equal("1:1: undeclared reference to 'z' (in container 'x.w')", Checking.Outcome("z", Environment with { Container = "x.w" }));
    }

    [Theory]
    [InlineData("[1, 'a']", "list(dyn)")]
    [InlineData("[maybe, 1]", "list(wrapper(int))")]
    [InlineData("[null, node.since]", "list(timestamp)")]
    public void Without_homogeneous_literals_elements_are_of_the_more_general_type(string text, string expected) =>
        Assert.Equal(expected, Checking.Outcome(text, Environment with { Options = new CheckOptions() }));

    [Fact]
    public void Numbers_of_different_types_have_an_order_only_where_it_is_declared() =>
        Assert.Equal(
            "1:3: found no matching overload for '_<_' applied to '(int, double)'", Checking.Outcome("1 < 1.0", CheckEnvironment.StrictNumbers));

    [Fact]
    public void Calls_know_their_overloads_and_names_what_they_refer_to()
    {
        var result = Checking.Check("[d].all(e, e < 1 && n < 1 && optional.of(e).hasValue())", Environment);
        var all = Nodes(((ComprehensionExpr)result.Ast.Root).Step).Select(result.ReferenceOf).OfType<CheckedReference>()
            .Select(r => $"{r.Kind} {r.Name} {string.Join('|', r.Overloads)}".TrimEnd()).ToList();
        Assert.Contains("Function _<_ less_int64|less_uint64_int64|less_double_int64", all.Select(Sorted));
        Assert.Contains("Function _<_ less_int64", all);
        Assert.Contains("Function optional.of optional_of", all);
        Assert.Contains("Function hasValue optional_hasValue", all);
        Assert.Contains("Local e", all);
        Assert.Contains("Variable n", all);
        Assert.True(result.RefersTo("n"));
        Assert.False(result.RefersTo("e"));

        static string Sorted(string text) => text.Contains('|')
            ? "Function _<_ " + string.Join('|', text[13..].Split('|').OrderBy(o => Array.IndexOf(["less_int64", "less_uint64_int64"], o) is >= 0 and var i ? i : 9))
            : text;
    }

    private static IEnumerable<CelExpr> Nodes(CelExpr node) => node switch
    {
        CallExpr call => call.Arguments.SelectMany(Nodes).Concat(call.Target is null ? [] : Nodes(call.Target)).Prepend(node),
        _ => [node],
    };
}
