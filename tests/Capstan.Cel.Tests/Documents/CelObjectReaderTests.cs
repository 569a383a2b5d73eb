namespace Capstan.Cel.Tests.Documents;

public sealed class CelObjectReaderTests
{
    private static readonly CelObjectReader<Address> Addresses = new CelObjectReader<Address>("test.Address")
        .Field("city", CelType.String, a => CelValue.Of(a.City))
        .Field("number", CelType.Int, a => CelValue.Of(a.Number));

    private static readonly CelObjectReader<User> Users = new CelObjectReader<User>("test.User")
        .Field("name", CelType.String, u => CelValue.Of(u.Name))
        .Field("age", CelType.Int, u => u.Age is { } age ? CelValue.Of(age) : default)
        .Field("score", CelType.Double, u => CelValue.Of(u.Score))
        .Field("home", Addresses, u => u.Home)
        .List("groups", CelType.String, u => u.Groups, CelValue.Of)
        .List("addresses", Addresses, u => u.Addresses)
        .Map("extra", CelType.Int, u => u.Extra, n => CelValue.Of((long)n));

    private static readonly CelEnvironment Environment = CelEnvironment.Kubernetes.WithVariable("user", Users.Type);

    private static readonly User Anna = new(
        "anna", 41, 1.5, new("Graz", 7), ["dev", "ops"], [new("Wien", 1), new("Linz", 2)], new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 });

    private static readonly User Nobody = new("nobody", null, 0, null, null, null, null);

    [Theory]
    [InlineData("user.name == 'anna' && user.age == 41 && user.score > 1.0")]
    [InlineData("has(user.age) && has(user.home) && user.home.city == 'Graz' && user.home.number + 1 == 8")]
    [InlineData("'ops' in user.groups && user.groups.size() == 2 && user.groups[0] == 'dev' && user.groups.map(g, g) == ['dev', 'ops']")]
    [InlineData("user.addresses.exists(a, a.city == 'Linz') && user.addresses.all(a, a.number > 0) && user.addresses[0] == user.addresses[0]")]
    [InlineData("user.addresses[0] != user.addresses[1] && user.home != user.addresses[1]")]
    [InlineData("user.extra.a == 1 && 'b' in user.extra && !('c' in user.extra) && user.extra.all(k, user.extra[k] > 0) && user.extra == {'b': 2, 'a': 1}")]
    [InlineData("dyn(user)['name'] == 'anna' && dyn(user).all(k, k in ['name', 'age', 'score', 'home', 'groups', 'addresses', 'extra'])")]
    public void Fields_lists_maps_and_objects_in_objects_are_read(string expression) => Assert.Equal("true", Evaluate(expression, Anna));

    [Theory]
    [InlineData("!has(user.age) && !has(user.home) && !has(user.groups) && !has(user.addresses) && !has(user.extra) && has(user.score)", "true")]
    [InlineData("user.?home.?city.orValue('none')", "none")]
    [InlineData("user.home.city", "no such key: home")]
    [InlineData("user.groups.size() > 0 || user.name == 'nobody'", "true")]
    [InlineData("dyn(user).map(k, k) == ['name', 'score']", "true")]
    public void What_an_object_does_not_have_is_absent(string expression, string expected) => Assert.Equal(expected, Evaluate(expression, Nobody));

    [Fact]
    public void The_checker_knows_the_fields_and_their_types()
    {
        Refuses("user.nam", "undefined field 'nam'");
        Refuses("user.home.zip", "undefined field 'zip'");
        Refuses("user.age == 'old'", "found no matching overload for '_==_' applied to '(int, string)'");
        Refuses("user.addresses[0].city > 3", "found no matching overload for '_>_' applied to '(string, int)'");
        Refuses("user.extra.a.size()", "found no matching overload for 'size'");
        Assert.Equal("list(test.Address)", Environment.Compile("user.addresses").ResultType.ToString());
        Assert.Equal("map(string, int)", Environment.Compile("user.extra").ResultType.ToString());

        static void Refuses(string expression, string says)
        {
            Assert.False(Environment.TryCompile(expression, out _, out var diagnostics));
            Assert.Contains(says, diagnostics.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_null_text_is_null_and_so_is_no_object()
    {
        Assert.Equal("true", Evaluate("has(user.name) && dyn(user.name) == null", Anna with { Name = null! }));
        Assert.Equal("true", Evaluate("user == null", null));
    }

    [Fact]
    public void A_reader_is_not_changed_by_what_is_added_to_it_and_has_a_name_once()
    {
        var more = Addresses.Field("zip", CelType.String, _ => CelValue.Of("8010"));
        Assert.Null(Addresses.Type.FieldType("zip"));
        Assert.Equal(CelType.String, more.Type.FieldType("zip"));
        Assert.Throws<ArgumentException>(() => Addresses.Field("city", CelType.String, _ => default));
    }

    [Theory]
    [InlineData("node.next.next.name", "a")]
    [InlineData("node.next == node", "error")]
    [InlineData("node in [node.next]", "error")]
    [InlineData("[[node], [node.next]].distinct().size() == 1", "error")]
    [InlineData("{1: node} == {1: node.next}", "error")]
    public void Objects_that_hold_themselves_are_read_but_comparing_them_is_an_error(string expression, string expected)
    {
        CelObjectReader<Node>? reader = null;
        reader = new CelObjectReader<Node>("test.Node")
            .Field("name", CelType.String, n => CelValue.Of(n.Name))
            .Field("next", CelType.Dyn, n => reader!.Of(n.Next));
        var (one, other) = (new Node("a"), new Node("a"));
        (one.Next, other.Next) = (other, one);
        var result = CelEnvironment.Kubernetes.WithVariable("node", CelType.Dyn).Compile(expression).Evaluate([reader.Of(one)]).Value;
        Assert.Equal(expected, result.IsError ? "error" : result.String);
    }

    [Theory]
    [InlineData("user.age >= 18", 32)]
    [InlineData("user.name == 'anna' && user.score > 1.0 && has(user.home)", 32 + 32)]
    [InlineData("user.home.number == 7", 32 + 32)]
    [InlineData("'dev' in user.groups", 32 + 32)]
    [InlineData("user.addresses.all(a, a.number > 0)", 32 + 32 + (2 * 32))]
    [InlineData("user.extra.a == 1", 32 + 40)]
    public void Each_object_or_list_that_is_come_by_costs_one_small_object_and_nothing_else_does(string expression, int bytes) =>
        Assert.Equal(bytes, JsonNodeTests.BytesOf(Environment.Compile(expression), () => Users.Of(Anna)));

    private static string Evaluate(string expression, User? user) => Environment.Compile(expression).Evaluate([Users.Of(user)]).Value.ToString();

    private sealed class Node(string name)
    {
        public string Name { get; } = name;

        public Node? Next { get; set; }
    }

    private sealed record Address(string City, int Number);

    private sealed record User(
        string Name, int? Age, double Score, Address? Home, string[]? Groups, List<Address>? Addresses, IReadOnlyDictionary<string, int>? Extra);
}
