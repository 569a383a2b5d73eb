using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Schemas;

/// <summary>What neither facts nor Kubernetes' answers show: what is read at all, and what hostile schemas and objects do.</summary>
public sealed class SchemaValueTests
{
    [Fact]
    public void Only_fields_that_are_asked_for_are_read()
    {
        var schema = Schema("""{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}""");
        var raw = new Reads();
        var result = Evaluate("self.a == 1 && !has(self.c)", Schema("""
            {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}, "c": {"type": "string"}}}
            """), CelValue.Of(raw));
        Assert.True(result.Bool);
        Assert.Equal("a c", string.Join(' ', raw.Asked));
        Assert.NotNull(SchemaTypes.Of(schema));
    }

    [Fact]
    public void A_schema_that_contains_itself_has_a_type_and_rules()
    {
        var schema = new Schema { Type = "object", Validations = new JsonArray(new JsonObject { ["rule"] = "self.name != 'bad'" }) };
        schema.Properties = new Dictionary<string, Schema> { ["name"] = new() { Type = "string" }, ["inner"] = schema };
        var json = JsonNode.Parse("""{"name": "a", "inner": {"name": "b", "inner": {"name": "c"}}}""");
        Assert.True(Evaluate("self.inner.inner.name == 'c'", schema, CelValue.Of(json)).Bool);

        // Inside of itself a schema is not looked into again.
        var rules = SchemaRules.Compile(schema, isResource: false);
        Assert.Empty(rules.Faults);
        Assert.Empty(rules.Validate(json).Errors);
        Assert.Equal("<nil>: Invalid value: failed rule: self.name != 'bad'", Assert.Single(rules.Validate(JsonNode.Parse("""{"name": "bad"}""")).Errors).ToString());
    }

    [Theory]
    [InlineData("""{"a": 1, "a": 2}""")]
    [InlineData("""{"\ud800": 1}""")]
    [InlineData("""{"l": [{"k": "1", "k": "2"}]}""")]
    [InlineData("""{"m": {"a": {"x": 1, "x": 2}}}""")]
    [InlineData("""{"s": "\udc00"}""")]
    public void Nodes_that_cannot_be_read_are_errors_and_throw_nothing(string json)
    {
        var schema = Schema("""
            {"type": "object", "properties": {
              "a": {"type": "integer", "x-kubernetes-validations": [{"rule": "self > 5"}]},
              "s": {"type": "string", "x-kubernetes-validations": [{"rule": "self == 'x'"}]},
              "l": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], "items": {"type": "object",
                "properties": {"k": {"type": "string"}}, "x-kubernetes-validations": [{"rule": "self.k == oldSelf.k && self.k == '9'"}]}},
              "m": {"type": "object", "additionalProperties": {"type": "object", "properties": {"x": {"type": "integer"}},
                "x-kubernetes-validations": [{"rule": "self.x == 7"}]}}},
             "x-kubernetes-validations": [{"rule": "self.a == 7"}, {"rule": "self == oldSelf"}]}
            """);
        var findings = SchemaRules.Compile(schema).Validate(JsonNode.Parse(json), JsonNode.Parse(json), new() { Ratchet = true });
        Assert.NotEmpty(findings.Errors);
    }

    [Fact]
    public void Two_schemas_are_two_types()
    {
        var (one, other) = (Schema("""{"type": "object"}"""), Schema("""{"type": "object"}"""));
        var environment = KubernetesEnvironment.Default.WithVariable("a", SchemaTypes.Of(one)!).WithVariable("b", SchemaTypes.Of(other)!);
        Assert.False(environment.TryCompile("a == b", out _, out _));
        Assert.True(environment.TryCompile("a == a", out _, out _));
    }

    [Fact]
    public void Nothing_is_said_of_values_without_a_type()
    {
        Assert.Null(SchemaTypes.Of(Schema("{}")));
        Assert.Null(SchemaTypes.Of(Schema("""{"type": "array", "items": {"x-kubernetes-preserve-unknown-fields": true}}""")));
        Assert.Equal("dyn", SchemaTypes.Of(Schema("""{"x-kubernetes-int-or-string": true}"""))!.ToString());
        Assert.Equal("map(string, list(timestamp))", SchemaTypes.Of(Schema(
            """{"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string", "format": "date"}}}"""))!.ToString());
    }

    [Fact]
    public void Threads_may_share_rules_and_objects()
    {
        var schema = Schema("""
            {"type": "object", "properties": {"s": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}},
             "x-kubernetes-validations": [{"rule": "self.s == ['b', 'a'] && self.s + ['c'] != self.s"}, {"rule": "self.s.size() == 3"}]}
            """);
        var rules = SchemaRules.Compile(schema);
        var json = JsonNode.Parse("""{"s": ["a", "b"]}""");
        var errors = Enumerable.Range(0, 64).AsParallel().WithDegreeOfParallelism(8)
            .Select(_ => string.Join('\n', rules.Validate(json).Errors)).Distinct().ToList();
        Assert.Equal("<nil>: Invalid value: failed rule: self.s.size() == 3", Assert.Single(errors));
    }

    private static Schema Schema(string json) => SchemaReader.FromOpenApiV3(JsonNode.Parse(json)!.AsObject());

    private static CelValue Evaluate(string text, Schema schema, CelValue raw) => KubernetesEnvironment.Default
        .WithVariable("self", SchemaTypes.Of(schema)!).Compile(text).Evaluate([SchemaValue.Of(raw, schema)]).Value;

    /// <summary>An object with the field a alone, that remembers which it was asked for.</summary>
    private sealed class Reads : CelMap
    {
        public List<string> Asked { get; } = [];

        public override int Count => throw new InvalidOperationException("nobody needs to count");

        public override bool TryGet(in CelValue key, out CelValue value)
        {
            Asked.Add(key.String);
            value = CelValue.Of(1L);
            return key.String == "a";
        }

        public override (CelValue Key, CelValue Value) Entry(int index) => throw new InvalidOperationException("nobody goes over it");
    }
}
