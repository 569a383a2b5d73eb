using System.Text.Json.Nodes;
using Capstan.Kinds;
using Capstan.Schemas;
using Xunit;

namespace Capstan.Objects.Tests.Schemas;

public class PruningTests
{
    [Fact]
    public void Unknown_fields_are_told_as_strict_field_validation_tells_them()
    {
        var schema = SchemaReader.FromOpenApiV3(JsonNode.Parse("""
            {"type":"object","properties":{"spec":{"type":"object","properties":{
              "items":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"}}}},
              "open":{"type":"object","additionalProperties":true},
              "holder":{"x-kubernetes-preserve-unknown-fields":true,"type":"object","properties":{"closed":{"type":"object","properties":{"a":{"type":"string"}}}}}}}}}
            """)!.AsObject());
        var value = JsonNode.Parse("""
            {"apiVersion":"v1","kind":"K","metadata":{"name":"n","nmae":"x"},"extra":1,
             "spec":{"items":[{"a":"1","b":"2"}],"open":{"x":{"y":1}},"holder":{"extra":1,"closed":{"a":"1","z":1}},"unknown":2}}
            """)!;
        var unknown = new List<string>();
        Pruning.Prune(value, schema, isRoot: true, unknown);
        Assert.Equal(["metadata.nmae", "extra", "spec.holder.closed.z", "spec.items[0].b", "spec.open.x.y", "spec.unknown"], unknown);
        Assert.Equal(
            """{"apiVersion":"v1","kind":"K","metadata":{"name":"n"},"spec":{"items":[{"a":"1"}],"open":{"x":{}},"holder":{"extra":1,"closed":{"a":"1"}}}}""",
            value.ToJsonString());
    }

    [Fact]
    public void Unknown_fields_of_a_deployment_are_found()
    {
        var value = JsonNode.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"a":"b"}},
             "spec":{"replcas":1,"template":{"spec":{"containers":[{"name":"c","imagee":"i","resources":{"limits":{"cpu":1}}}]}}}}
            """)!;
        var unknown = new List<string>();
        Pruning.Prune(value, BuiltInKinds.SchemaOf(new("apps", "v1", "Deployment"))!, isRoot: true, unknown);
        Assert.Equal(["spec.replcas", "spec.template.spec.containers[0].imagee"], unknown);
    }

    [Fact]
    public void A_custom_resource_definition_keeps_defaults_and_enums_of_any_form()
    {
        const string text = """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"a"},"spec":{"versions":[{"schema":{"openAPIV3Schema":
            {"type":"object","properties":{"p":{"type":"object","default":{"x":[1]},"enum":[{"y":2}],"items":{"type":"string"},"additionalProperties":true}}}}}]}}
            """;
        var value = JsonNode.Parse(text)!;
        var unknown = new List<string>();
        Pruning.Prune(value, BuiltInKinds.SchemaOf(new("apiextensions.k8s.io", "v1", "CustomResourceDefinition"))!, isRoot: true, unknown);
        Assert.Empty(unknown);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(text), value));
    }

    [Fact]
    public void Nulls_that_may_not_be_null_go_away_unless_a_default_takes_their_place()
    {
        var schema = SchemaReader.FromOpenApiV3(JsonNode.Parse("""
            {"type":"object","properties":{"plain":{"type":"string"},"nullable":{"type":"string","nullable":true},"default":{"type":"string","default":"d"},
             "list":{"type":"array","items":{"type":"string"}}}}
            """)!.AsObject());
        var value = JsonNode.Parse("""{"plain":null,"nullable":null,"default":null,"list":[null]}""")!;
        Pruning.Prune(value, schema, isRoot: false, null);
        Assert.Equal("""{"nullable":null,"default":null,"list":[null]}""", value.ToJsonString());
        Defaulting.Apply(value, schema);
        Assert.Equal("""{"nullable":null,"default":"d","list":[null]}""", value.ToJsonString());
    }
}
