using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Cel.Tests.Documents;

public sealed class JsonNodeTests
{
    private const string Text = """
        {"metadata":{"name":"web","labels":{"app":"x\u0041"},"none":null},
         "spec":{"replicas":3,"ratio":1.0,"big":1e3,"huge":18446744073709551615,"containers":[
           {"name":"a","image":"reg/a:1","resources":{"limits":{"cpu":"1"}}},
           {"name":"b","image":"reg/b:1","resources":{"limits":{}}}]}}
        """;

    private static readonly CelEnvironment Environment = CelEnvironment.Kubernetes.WithVariable("object", CelType.Dyn);

    [Theory]
    [InlineData("object.spec.replicas == 3 && type(object.spec.replicas) == int && object.spec.replicas + 1 == 4")]
    [InlineData("type(object.spec.ratio) == double && type(object.spec.big) == double && type(object.spec.huge) == double")]
    [InlineData("object.metadata.labels.app == 'xA' && object.metadata['labels']['app'].size() == 2")]
    [InlineData("object.spec.containers.all(c, has(c.resources) && has(c.resources.limits)) && object.spec.containers[1].name == 'b'")]
    [InlineData("object.spec.containers.map(c, c.name) == ['a', 'b'] && object.spec.containers.size() == 2")]
    [InlineData("has(object.metadata.none) && object.metadata.none == null && !has(object.metadata.missing) && !(1 in object.metadata)")]
    [InlineData("object.metadata.map(k, k) == ['name', 'labels', 'none'] && object.metadata.size() == 3 && 'name' in object.metadata")]
    [InlineData("object == object && object.?spec.?missing.orValue(7) == 7")]
    [InlineData("object.transformMap(k, v, type(v) == map).all(k, v, v)")]
    public void A_node_is_read_as_its_text_would_be(string expression)
    {
        var program = Environment.Compile(expression);
        using var document = JsonDocument.Parse(Text);
        foreach (var value in (CelValue[])[CelValue.Of(JsonNode.Parse(Text)), CelValue.Of(Changed()), CelValue.Of(document.RootElement)])
        {
            var result = program.Evaluate([value]).Value;
            Assert.True(result is { Kind: CelKind.Bool, Bool: true }, result.ToString());
        }

        // A tree that was written to is no longer a view of the text that it came from.
        static JsonNode Changed()
        {
            var node = JsonNode.Parse(Text)!;
            node["metadata"]!["name"] = "web";
            node["spec"]!["replicas"] = 3;
            node["spec"]!["ratio"] = 1.0;
            node["spec"]!["containers"]![0]!["name"] = "a";
            return node;
        }
    }

    public static TheoryData<string, CelKind, string> OwnValues => new()
    {
        { "int", CelKind.Int, "1" },
        { "long", CelKind.Int, "2" },
        { "double", CelKind.Double, "3" },
        { "float", CelKind.Double, "4.5" },
        { "whole decimal", CelKind.Int, "5" },
        { "decimal", CelKind.Double, "6.5" },
        { "byte", CelKind.Int, "7" },
        { "string", CelKind.String, "s" },
        { "char", CelKind.String, "c" },
        { "bool", CelKind.Bool, "true" },
        { "time", CelKind.String, "1970-01-01T00:00:00Z" },
        { "NaN", CelKind.Double, "NaN" },
        { "null", CelKind.Null, "null" },
    };

    [Theory]
    [MemberData(nameof(OwnValues))]
    public void A_node_made_of_a_NET_value_is_that_value(string name, CelKind kind, string text)
    {
        var node = new JsonObject
        {
            ["int"] = 1, ["long"] = 2L, ["double"] = 3.0, ["float"] = 4.5f, ["whole decimal"] = 5m, ["decimal"] = 6.5m, ["byte"] = (byte)7,
            ["string"] = "s", ["char"] = 'c', ["bool"] = true, ["time"] = DateTime.UnixEpoch, ["NaN"] = double.NaN, ["null"] = null,
        };
        var value = Environment.Compile($"object['{name}']").Evaluate([CelValue.Of(node)]).Value;
        Assert.Equal((kind, text), (value.Kind, value.ToString()));
    }

    [Fact]
    public void Names_have_a_case_also_in_a_node_that_was_made_to_ignore_it()
    {
        var node = JsonNode.Parse("""{"Name":1}""", new JsonNodeOptions { PropertyNameCaseInsensitive = true });
        var result = Environment.Compile("has(object.Name) && !has(object.name)").Evaluate([CelValue.Of(node)]).Value;
        Assert.Equal("true", result.ToString());
    }

    [Theory]
    [InlineData("""{"a":1,"b":2,"a":3}""", "object.b == 2")]
    [InlineData("""{"a":1,"b":2,"a":3}""", "!has(object.c)")]
    [InlineData("""{"a":1,"b":2,"a":3}""", "object.all(k, k != 'c')")]
    [InlineData("""{"\ud800":1,"b":2}""", "object.b == 2")]
    [InlineData("""{"\ud800":1,"b":2}""", "object.?b.orValue(3) == 2")]
    public void What_the_framework_cannot_read_is_an_error_and_never_an_empty_object(string json, string expression)
    {
        var result = Environment.Compile(expression).Evaluate([CelValue.Of(JsonNode.Parse(json))]).Value;
        Assert.True(result.IsError, result.ToString());
        Assert.StartsWith("JSON cannot be read: ", result.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_character_in_a_text_is_no_exception()
    {
        const string Half = """{"a":"\ud800"}""";
        using var document = JsonDocument.Parse(Half);
        var program = Environment.Compile("object.a");
        Assert.Equal(
            program.Evaluate([CelValue.Of(document.RootElement)]).Value.ToString(),
            program.Evaluate([CelValue.Of(JsonNode.Parse(Half))]).Value.ToString());
    }

    [Theory]
    [InlineData("object.name == 'web'", 24)]
    [InlineData("object.spec.replicas <= 20", 24 + 24)]
    [InlineData("object.spec.template.labels.app == 'web'", 24 + 24 + 24 + 24 + 32)]
    [InlineData("object.spec.containers.all(c, c.ready)", 24 + 24 + 24 + (3 * 24))]
    [InlineData("has(object.spec.missing) || object.spec.weight > 0.5", 24 + 24 + 24)]
    public void Each_object_or_array_that_is_come_by_costs_24_bytes_a_text_that_was_parsed_its_string_and_nothing_else_anything(string expression, int bytes)
    {
        var node = JsonNode.Parse("""
            {"name":"web","spec":{"replicas":3,"weight":0.75,"template":{"labels":{"app":"web"}},"containers":[{"ready":true},{"ready":true},{"ready":true}]}}
            """);
        node!["name"] = "web";
        Assert.Equal(bytes, BytesOf(Environment.Compile(expression), () => CelValue.Of(node)));
    }

    /// <summary>Bytes of one evaluation, the making of the value included.</summary>
    internal static double BytesOf(CelProgram program, Func<CelValue> value)
    {
        var values = new CelValue[1];
        for (var i = 0; i < 1000; i++)
        {
            values[0] = value();
            Assert.Equal("true", program.Evaluate(values).Value.ToString());
        }

        return Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                values[0] = value();
                program.Evaluate(values);
            }
        }) / 1000.0;
    }
}
