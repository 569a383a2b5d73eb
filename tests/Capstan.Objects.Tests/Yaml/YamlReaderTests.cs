using System.Text;
using System.Text.Json.Nodes;
using Capstan.Yaml;
using Xunit;

namespace Capstan.Objects.Tests.Yaml;

public sealed class YamlReaderTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("yes", "true")]
    [InlineData("Off", "false")]
    [InlineData("y", "true")]
    [InlineData("yEs", "\"yEs\"")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("NULL", "null")]
    [InlineData("0755", "493")]
    [InlineData("0o755", "493")]
    [InlineData("0x1F", "31")]
    [InlineData("-0b101", "-5")]
    [InlineData("1_000", "1000")]
    [InlineData("08", "8")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("18446744073709551616", "18446744073709552000")]
    [InlineData("1.0", "1")]
    [InlineData("1.10", "1.1")]
    [InlineData("-.5e-7", "-5e-8")]
    [InlineData("1e21", "1e+21")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("1e400", "\"1e400\"")]
    [InlineData("100m", "\"100m\"")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("2024-02-29", "\"2024-02-29\"")]
    [InlineData("2024-02-29T10:00:00Z", "\"2024-02-29T10:00:00Z\"")]
    [InlineData("'yes'", "\"yes\"")]
    [InlineData("\"8080\"", "\"8080\"")]
    [InlineData("!!str 8080", "\"8080\"")]
    [InlineData("!!float 8", "8")]
    [InlineData("!!binary aGk=", "\"hi\"")]
    public void Scalars_read_as_Kubernetes_reads_them(string yaml, string json)
    {
        var document = YamlReader.ReadAll($"a: {yaml}", "test").Single();
        Assert.Equal($$"""{"a":{{json}}}""", document.ToJsonString());
    }

    [Theory]
    [InlineData("a: .inf", "f.yaml:1:4: .inf has no form in JSON")]
    [InlineData("a: 1\nb:\n- c: 1\n  c: 2", "f.yaml:4:3: key \"c\" already set in map")]
    [InlineData("{\"a\": 1, \"a\": 2}", "f.yaml:1:10: key \"a\" already set in map")]
    [InlineData("a: *none", "f.yaml:1:4: unknown anchor 'none' referenced")]
    [InlineData("a: &x [*x]", "f.yaml:1:8: anchor 'x' value contains itself")]
    [InlineData("a: !!int word", "f.yaml:1:4: cannot decode !!str `word` as a !!int")]
    [InlineData("a: 1\n<<: 3", "f.yaml:2:5: map merge requires map or sequence of maps as the value")]
    [InlineData("a: 1\n[b, c]: 1", "f.yaml:2:1: a key must be a string, not a map or a list")]
    [InlineData("a:\n\tb: 1", "f.yaml:2:1: found character that cannot start any token")]
    [InlineData("a: [1", "f.yaml:2:")]
    [InlineData("a: b: c", "f.yaml:1:")]
    [InlineData("\"a", "f.yaml:1:")]
    [InlineData("{\"a\": 1", "f.yaml:2:")]
    public void Faults_tell_the_place(string yaml, string message)
    {
        var fault = Assert.Throws<YamlFormatException>(() => YamlReader.ReadAll(yaml, "f.yaml"));
        output.WriteLine(fault.Message);
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_come_in_order_and_empty_ones_are_left_out()
    {
        var documents = YamlReader.ReadAll("# nothing\n---\na: 1\n---\n# only a comment\n---\n~\n---\n- 2\n...\n---\nlast\n", "test");
        Assert.Equal(["""{"a":1}""", "[2]", "\"last\""], documents.Select(d => d.ToJsonString()));
    }

    [Fact]
    public void Merge_keys_and_aliases_are_resolved_in_place()
    {
        var document = YamlReader.ReadAll("base: &b {x: 1, w: 2}\nsmall: &s {x: 9, z: 3}\none: {<<: *b, w: 5}\ntwo: {<<: [*b, *s]}\nlist: [*b, *b]\n", "test").Single();
        Assert.Equal(
            """{"base":{"x":1,"w":2},"small":{"x":9,"z":3},"one":{"x":1,"w":5},"two":{"x":1,"z":3,"w":2},"list":[{"x":1,"w":2},{"x":1,"w":2}]}""",
            document.ToJsonString());
    }

    [Fact]
    public void A_server_reads_the_first_document_and_tells_repeated_keys()
    {
        var repeated = new List<string>();
        var document = YamlReader.ReadFirst("a: &m {x: 1}\nb:\n  <<: *m\n  x: 2\n  w: 1\n  w: 3\n---\nc: 1\n", "body", repeated);
        Assert.Equal("""{"a":{"x":1},"b":{"x":2,"w":3}}""", document!.ToJsonString());
        Assert.Equal(["line 4: key \"x\" already set in map", "line 6: key \"w\" already set in map"], repeated);
    }

    [Fact]
    public void Block_scalars_keep_their_lines()
    {
        var document = YamlReader.ReadAll("a: |\n  one\n    two\n\nb: >-\n  one\n  two\nc: |+\n  x\n\n", "test").Single();
        Assert.Equal("one\n  two\n", (string?)document["a"]);
        Assert.Equal("one two", (string?)document["b"]);
        Assert.Equal("x\n\n", (string?)document["c"]);
    }

    [Fact]
    public void Nested_aliases_cannot_exhaust_the_memory()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++) bomb.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        var fault = Assert.Throws<YamlFormatException>(() => YamlReader.ReadAll(bomb.ToString(), "bomb"));
        Assert.Equal("document contains excessive aliasing", fault.Fault);
        var long1 = $"a: &a {new string('x', 1 << 20)}\nb: [{string.Join(", ", Enumerable.Repeat("*a", 1000))}]";
        Assert.Equal("document contains excessive aliasing", Assert.Throws<YamlFormatException>(() => YamlReader.ReadAll(long1, "bomb")).Fault);
    }

    [Fact]
    public void Deep_nesting_is_an_error_and_not_a_crash()
    {
        var deep = new string('[', 100_000);
        Assert.Contains("nested more than", Assert.Throws<YamlFormatException>(() => YamlReader.ReadAll("a: " + deep, "deep")).Fault, StringComparison.Ordinal);
        var blocks = string.Concat(Enumerable.Range(0, 2000).Select(i => new string(' ', i) + "a:\n"));
        Assert.Contains("nested more than", Assert.Throws<YamlFormatException>(() => YamlReader.ReadAll(blocks, "deep")).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_read_as_it_is()
    {
        var document = YamlReader.ReadAll("\uFEFF {\"a\": \"\\ud83d\\ude00\\/\", \"n\": 1.0}", "test").Single();
        Assert.Equal("😀/", (string?)document["a"]);
        Assert.Equal("1.0", document["n"]!.ToJsonString());
        Assert.IsType<JsonObject>(YamlReader.ReadAll("{a: yes}", "test").Single());
    }
}
