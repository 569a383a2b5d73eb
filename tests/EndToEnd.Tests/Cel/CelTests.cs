using System.Text.Json;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Cel;

/// <summary><c>capstan cel</c> as a process: what it prints, how it ends.</summary>
public sealed class CelTests : IDisposable
{
    private const string Deployment = """
        kind: Deployment
        metadata: {name: web, labels: {app: web}}
        spec:
          replicas: 3
          template:
            spec:
              containers:
              - {name: a, image: "reg/a:1", ratio: 0.5, secret: "a\e[31mred"}
              - {name: b, image: "reg/b:1", ratio: 2.0e0, secret: "👑"}
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-cel-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1 + 1", "2", "int")]
    [InlineData("1.0 + 1.0", "2.0", "double")]
    [InlineData("2u", "2u", "uint")]
    [InlineData("1e20 * 10.0", "1E+21", "double")]
    [InlineData("0.0 / 0.0", "double(\"NaN\")", "double")]
    [InlineData("'a\"b\\n' + '👑\\u202e'", "\"a\\\"b\\n👑\\u202e\"", "string")]
    [InlineData("b'a\\x00\\xff'", "b\"a\\x00\\xff\"", "bytes")]
    [InlineData("timestamp('2020-01-01T00:00:00.5Z')", "timestamp(\"2020-01-01T00:00:00.5Z\")", "google.protobuf.Timestamp")]
    [InlineData("duration('1h30m')", "duration(\"5400s\")", "google.protobuf.Duration")]
    [InlineData("[1.0, 2.5].map(x, x * 2.0)", "[2.0, 5.0]", "list")]
    [InlineData("{1: {'a': [true]}}", "{1: {\"a\": [true]}}", "map")]
    [InlineData("optional.of([1])", "optional.of([1])", "optional_type")]
    [InlineData("[1][?7]", "optional.none()", "optional_type")]
    [InlineData("type(1)", "int", "type")]
    [InlineData("quantity('2Gi').add(quantity('1Gi'))", "quantity(\"3Gi\")", "kubernetes.Quantity")]
    [InlineData("cidr('10.0.0.0/8').ip()", "ip(\"10.0.0.0\")", "net.IP")]
    public async Task A_value_is_printed_as_an_expression_that_gives_it(string expression, string value, string type)
    {
        var (code, lines, err) = await RunAsync("", "cel", expression);
        Assert.Equal((0, "", $"value: {value}", $"type:  {type}"), (code, err, lines[0], lines[1]));
        Assert.Matches("^cost:  [0-9]+$", Assert.Single(lines[2..]));
        var (_, again, _) = await RunAsync("", "cel", value);
        Assert.Equal(lines[..2], again[..2]);
    }

    [Theory]
    [InlineData("[dyn(1), dyn(1u), dyn(1.0), dyn('1'), dyn(b'1'), dyn(null)]", "[1, 1u, 1.0, \"1\", b\"1\", null]")]
    [InlineData("{dyn(1): dyn({'a': []}), dyn('b'): dyn([{}]), dyn(true): dyn(optional.none())}", "{1: {\"a\": []}, \"b\": [{}], true: optional.none()}")]
    public async Task Values_of_several_types_are_told_apart(string expression, string value) =>
        Assert.Equal($"value: {value}", (await RunAsync("", "cel", expression)).Lines[0]);

    [Fact]
    public async Task A_large_value_has_a_line_for_each_element()
    {
        var (code, lines, _) = await RunAsync("", "cel", "{'spec': object.spec.template.spec}", "-f", Write("d.yaml", Deployment));
        Assert.Equal(0, code);
        Assert.Equal(
            """
            value: {
              "spec": {
                "containers": [
                  {"name": "a", "image": "reg/a:1", "ratio": 0.5, "secret": "a\u001b[31mred"},
                  {"name": "b", "image": "reg/b:1", "ratio": 2, "secret": "👑"}
                ]
              }
            }
            type:  map
            """.Split('\n'),
            lines[..^1]);
    }

    [Theory]
    [InlineData("object.spec.replicas <= 5", "object", "true")]
    [InlineData("self.metadata.name + '!'", "self", "\"web!\"")]
    [InlineData("self.spec.template.spec.containers.map(c, c.image)", "self", "[\"reg/a:1\", \"reg/b:1\"]")]
    public async Task A_file_is_called_object_or_what_one_likes(string expression, string name, string value)
    {
        var file = Write("d.yaml", Deployment);
        var (code, lines, _) = await RunAsync("", ["cel", expression, "--file", file, .. name == "object" ? (string[])[] : ["--as", name]]);
        Assert.Equal((0, $"value: {value}"), (code, lines[0]));
    }

    [Theory]
    [InlineData("""{"x":[1,2.0,1e0,"é"]}""", "value: [1, 2.0, 1.0, \"é\"]")]
    [InlineData("x: [1, yes, '2', ~, 0x10]", "value: [1, true, \"2\", null, 16]")]
    [InlineData("\uFEFF{\"x\": 0.1}", "value: 0.1")]
    public async Task Standard_input_is_a_file_too(string input, string says)
    {
        var (code, lines, _) = await RunAsync(input, "cel", "object.x", "-f", "-");
        Assert.Equal((0, says), (code, lines[0]));
    }

    [Fact]
    public async Task An_expression_comes_from_standard_input_or_after_dashes()
    {
        var file = Write("x.json", """{"x":5}""");
        Assert.Equal("value: 6", (await RunAsync("object.x +\n 1\n", "cel", "-", "-f", file)).Lines[0]);
        Assert.Equal("value: 5", (await RunAsync("", "cel", "-f", file, "--", "--object.x")).Lines[0]);
        Assert.Equal("value: -5", (await RunAsync("", "cel", "-object.x", "-f", file)).Lines[0]);
    }

    [Fact]
    public async Task An_evaluation_error_has_its_place_and_the_exit_code_1()
    {
        var file = Write("d.yaml", Deployment);
        var (code, lines, err) = await RunAsync("", "cel", "object.spec.replicas > 2 &&\n  object.spec.none", "-f", file);
        Assert.Equal((1, ""), (code, string.Join('\n', lines)));
        Assert.StartsWith("ERROR: <input>:2:14: no such key: none\n |   object.spec.none\n | .............^\ncost: ", err, StringComparison.Ordinal);

        (code, _, err) = await RunAsync("", "cel", "{'a': 1}[object.spec.template.spec.containers[0].secret]", "-f", file);
        Assert.Equal(1, code);
        Assert.Contains("no such key: a\uFFFD[31mred", err, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', err);
    }

    [Fact]
    public async Task What_does_not_compile_has_a_caret_below_its_place_and_the_exit_code_2()
    {
        var (code, lines, err) = await RunAsync("", "cel", "'👑é' == 'x' || size(1) > 2");
        Assert.Equal((2, ""), (code, string.Join('\n', lines)));
        Assert.Equal(
            "ERROR: <input>:1:20: found no matching overload for 'size' applied to '(int)'\n | '👑é' == 'x' || size(1) > 2\n | .．．................^", err);

        (code, _, err) = await RunAsync("", "cel", "object.x == 1");
        Assert.Equal(2, code);
        Assert.EndsWith("\ncapstan: there is an 'object' only with -f FILE", err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{'a': 1}.map(k, [k])", """{"value":[["a"]],"type":"list","cost":0}""", 0)]
    [InlineData("[dyn(1), dyn(2u), dyn(1.0), dyn(1e30), dyn(b'\\x01'), dyn(null), dyn(true), dyn(duration('1s')), dyn(optional.of(1)), dyn(optional.none()), dyn(int), dyn(0.0/0.0), dyn(ip('::1'))]",
        """{"value":[1,2,1.0,1E+30,"AQ==",null,true,"1s",1,null,"int","NaN","::1"],"type":"list","cost":0}""", 0)]
    [InlineData("{dyn(1): dyn('é'), dyn(true): dyn(\"'\"), dyn('x'): dyn({})}", """{"value":{"1":"é","true":"'","x":{}},"type":"map","cost":0}""", 0)]
    [InlineData("[1][\n2]", """{"error":"index out of bounds: 2","issues":[{"message":"index out of bounds: 2","line":1,"column":4}],"cost":0}""", 1)]
    [InlineData("1 +\n 'a'", """{"error":"found no matching overload for '_+_' applied to '(int, string)'","issues":[{"message":"found no matching overload for '_+_' applied to '(int, string)'","line":1,"column":3}]}""", 2)]
    public async Task For_a_script_there_is_one_JSON_object(string expression, string expected, int exit)
    {
        var (code, lines, err) = await RunAsync("", "cel", expression, "--json");
        Assert.Equal((exit, ""), (code, err));
        using var answer = JsonDocument.Parse(Assert.Single(lines));
        Assert.Equal(exit != 2, answer.RootElement.TryGetProperty("cost", out var cost));
        Assert.Equal(expected, exit == 2 ? lines[0] : lines[0].Replace($"\"cost\":{cost}", "\"cost\":0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x.yaml", "a: [1,\nb: 2\n", "x.yaml:2:")]
    [InlineData("x.yaml", "a: 1\na: 2\n", "x.yaml:2:1: key \"a\" already set in map")]
    [InlineData("x.json", "{\"a\":\n 1,}", "x.json:2:4: ")]
    [InlineData("x.yaml", "a: 1\n---\nb: 2\n---\nc: 3\n", "x.yaml: 3 documents, and an expression is evaluated over one")]
    [InlineData("x.yaml", "# nothing\n", "x.yaml: there is no document in it")]
    [InlineData("x.yaml", "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\nf: [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\n", "excessive aliasing")]
    public async Task A_file_that_cannot_be_read_is_one_line_with_its_place_and_the_exit_code_1(string name, string text, string says)
    {
        var file = Write(name, text);
        var (code, lines, err) = await RunAsync("", "cel", "object", "-f", file);
        Assert.Equal((1, ""), (code, string.Join('\n', lines)));
        Assert.StartsWith($"capstan: {_directory.FullName}", err, StringComparison.Ordinal);
        Assert.Contains(says, err, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', err);

        (code, lines, err) = await RunAsync("", "cel", "object", "-f", file, "--json");
        Assert.Equal((1, ""), (code, err));
        using var answer = JsonDocument.Parse(Assert.Single(lines));
        Assert.Contains(says, answer.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_none_or_no_text_is_one_line_and_the_exit_code_1()
    {
        await RefusesAsync(1, "x.yaml: no such file", "cel", "1", "-f", Path.Combine(_directory.FullName, "x.yaml"));
        await RefusesAsync(1, "is a directory", "cel", "1", "-f", _directory.FullName);
        var binary = Path.Combine(_directory.FullName, "binary");
        await File.WriteAllBytesAsync(binary, [0xff, 0xfe, 0x00], Stop);
        await RefusesAsync(1, "binary: not UTF-8 text", "cel", "1", "-f", binary);
        await RefusesAsync(1, "nested more than", "cel", "1", "-f", Write("deep.yaml", new string('[', 2000) + new string(']', 2000)));
    }

    [Fact]
    public async Task A_value_that_would_fill_the_disk_is_not_printed()
    {
        var doubling = "[1]" + string.Concat(Enumerable.Repeat(".map(x, [x, x])", 40));
        await RefusesAsync(1, "the value is longer than 64 MiB", "cel", doubling);
        var (code, lines, err) = await RunAsync("", "cel", doubling, "--json");
        Assert.Equal((1, """{"error":"the value is longer than 64 MiB"}""", ""), (code, Assert.Single(lines), err));
    }

    [Theory]
    [InlineData("unknown option '--bogus'", "cel", "--bogus")]
    [InlineData("unknown command or option '--bogus'", "cel", "1", "--bogus")]
    [InlineData("unknown command or option '2'", "cel", "1", "2")]
    [InlineData("Required argument missing", "cel")]
    [InlineData("--limit takes a whole number from 1, not '-1'", "cel", "1", "--limit", "-1")]
    [InlineData("--as takes a name that an expression can use, not 'in'", "cel", "1", "-f", "x", "--as", "in")]
    [InlineData("--as takes a name that an expression can use, not 'a b'", "cel", "1", "-f", "x", "--as", "a b")]
    [InlineData("--as names the document of --file, and there is none", "cel", "1", "--as", "self")]
    [InlineData("expression and file cannot both come from standard input", "cel", "-", "-f", "-")]
    public Task Wrong_usage_is_one_line_and_the_exit_code_2(string says, params string[] arguments) => RefusesAsync(2, says, arguments);

    [Fact]
    public async Task Help_explains_every_option_and_gives_examples()
    {
        var (code, lines, _) = await RunAsync("", "cel", "--help");
        var text = string.Join('\n', lines);
        Assert.Equal(0, code);
        Assert.All((string[])["EXPRESSION", "--file", "--as", "--json", "--limit", "Examples:", "Exit code:"], part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string Write(string name, string text)
    {
        var file = Path.Combine(_directory.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }

    private async Task RefusesAsync(int code, string says, params string[] arguments)
    {
        var (found, lines, err) = await RunAsync("", arguments);
        Assert.Equal(code, found);
        Assert.StartsWith("capstan: ", err, StringComparison.Ordinal);
        Assert.Contains(says, err, StringComparison.Ordinal);
        Assert.Equal((1, ""), (err.Split('\n').Length, string.Join('\n', lines)));
    }

    private async Task<(int Code, string[] Lines, string Err)> RunAsync(string input, params string[] arguments)
    {
        await using var process = RunningProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "capstan"), arguments, new Dictionary<string, string> { ["HOME"] = _directory.FullName }, _directory.FullName, input);
        var code = await process.ExitAsync(Patience, Stop);
        return (code, process.Out.Split('\n'), process.Err);
    }
}
