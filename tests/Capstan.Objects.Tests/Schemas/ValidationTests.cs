using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;
using Xunit;

namespace Capstan.Objects.Tests.Schemas;

/// <summary>What the recordings do not show; every expectation was seen on a real kube-apiserver 1.36.</summary>
public class ValidationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "1.0", null)]
    [InlineData("""{"type":"integer"}""", "9223372036854775807", null)]
    [InlineData("""{"type":"integer","format":"int32"}""", "2147483648", "<nil>: Invalid value: \"\": Checked value must be of type integer with format int32 in spec.f")]
    [InlineData("""{"type":"integer","format":"int32"}""", "true", "spec.f: Invalid value: \"\": spec.f in body must be of type int32: \"\"")]
    [InlineData("""{"type":"integer","minimum":3,"exclusiveMinimum":true}""", "3", "spec.f: Invalid value: 3: spec.f in body should be greater than 3")]
    [InlineData("""{"type":"number","minimum":0.5}""", "1e-7", "spec.f: Invalid value: 1e-07: spec.f in body should be greater than or equal to 0.5")]
    [InlineData("""{"type":"number","maximum":2.25}""", "25000000.5", "spec.f: Invalid value: 2.50000005e+07: spec.f in body should be less than or equal to 2.25")]
    [InlineData("""{"type":"number","multipleOf":0.1}""", "0.30000000000000004", null)]
    [InlineData("""{"type":"number","multipleOf":0.1}""", "2", "spec.f: Invalid value: 0: factor MultipleOf declared for spec.f must be positive: 0")]
    [InlineData("""{"type":"integer","enum":[1,2.0]}""", "5", "spec.f: Unsupported value: 5: supported values: \"1\", \"2\"")]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "\"5%\"", null)]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "true", "spec.f: Invalid value: \"boolean\": spec.f in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"type":"string","pattern":"\\d+\\s[[:alpha:]]"}""", "\"12 b\"", null)]
    [InlineData("""{"type":"string","pattern":"^\\w$"}""", "\"é\"", "spec.f: Invalid value: \"é\": spec.f in body should match '^\\w$'")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"},"maxProperties":1}""", """{"a":1,"b":2}""", "spec.f: Too many: 2: must have at most 1 item")]
    [InlineData("""{"type":"object","minProperties":1}""", "{}", "spec.f: Invalid value: 0: spec.f in body should have at least 1 properties")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"}}""", """{"k":["a","a"]}""", "spec.f[k][1]: Duplicate value: \"a\"")]
    [InlineData("""{"type":"string","format":"mac"}""", "\"001122334455\"", null)]
    [InlineData("""{"type":"string","format":"hostname"}""", "\"a-b-c\"", "spec.f: Invalid value: \"a-b-c\": spec.f in body must be of type hostname: \"a-b-c\"")]
    public void Values_are_judged_as_Kubernetes_judges_them(string schema, string value, string? expected)
    {
        var errors = new List<FieldError>();
        Validation.Check(JsonNode.Parse(value), SchemaReader.FromOpenApiV3(JsonNode.Parse(schema)!.AsObject()), "spec.f", errors);
        Assert.Equal(expected is null ? [] : [expected], errors.Select(error => error.ToString()));
    }

    [Fact]
    public void A_pattern_that_backtracks_elsewhere_takes_no_time()
    {
        var schema = SchemaReader.FromOpenApiV3(JsonNode.Parse("""{"type":"string","pattern":"^(a+)+$"}""")!.AsObject());
        var errors = new List<FieldError>();
        var clock = Stopwatch.StartNew();
        Validation.Check(new string('a', 100_000) + "b", schema, "spec", errors);
        output.WriteLine($"{clock.ElapsedMilliseconds} ms");
        Assert.Single(errors);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_great_list_is_checked_in_good_time()
    {
        var schema = SchemaReader.FromOpenApiV3(JsonNode.Parse("""{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set","maxItems":5}""")!.AsObject());
        var items = new JsonArray();
        for (var i = 0; i < 20_000; i++)
        {
            items.Add((JsonNode)i);
        }

        var errors = new List<FieldError>();
        var clock = Stopwatch.StartNew();
        Validation.Check(items, schema, "spec", errors);
        output.WriteLine($"{errors.Count} faults in {clock.ElapsedMilliseconds} ms");
        Assert.Equal(20_001, errors.Count);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_value_nested_beyond_reason_is_refused()
    {
        var schema = new Schema { Type = "array" };
        schema.Items = schema;
        const int depth = 5_000;
        var text = new StringBuilder().Append('[', depth).Append(']', depth).ToString();
        var value = JsonNode.Parse(text, null, new JsonDocumentOptions { MaxDepth = depth + 1 });
        var errors = new List<FieldError>();
        Validation.Check(value, schema, "spec", errors);
        Assert.Contains(errors, error => error.Message.EndsWith("must not be nested deeper than 500 levels", StringComparison.Ordinal));
    }

    [Fact]
    public void A_schema_reads_back_as_it_was_written()
    {
        const string text = """
            {"type":"object","required":["a"],"properties":{"a":{"type":"string","default":"x","minLength":1,"pattern":"^x"},"b":{"type":"array","items":{"type":"integer","format":"int32","minimum":0,"maximum":1.5},
            "maxItems":3,"x-kubernetes-list-type":"set"},"c":{"x-kubernetes-int-or-string":true,"nullable":true},"d":{"type":"object","additionalProperties":true,"enum":[{"k":null}]},
            "e":{"anyOf":[{"required":["q"]}],"not":{"enum":["z"]},"x-kubernetes-preserve-unknown-fields":true}},"x-kubernetes-validations":[{"rule":"true"}]}
            """;
        var written = SchemaWriter.ToOpenApiV3(SchemaReader.FromOpenApiV3(JsonNode.Parse(text)!.AsObject()));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(text), written), written.ToJsonString());
    }
}
