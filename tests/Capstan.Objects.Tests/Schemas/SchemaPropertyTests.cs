using System.Text.Json.Nodes;
using Capstan.Schemas;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Capstan.Objects.Tests.Schemas;

public class SchemaPropertyTests
{
    private static readonly Schema Tree = SchemaReader.FromOpenApiV3(JsonNode.Parse("""
        {"type":"object","properties":{"a":{"type":"string","default":"d"},"b":{"type":"string","nullable":true,"default":"n"},
         "c":{"type":"object","default":{},"properties":{"a":{"type":"integer","default":1},"b":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string","default":"i"}}}}}},
         "d":{"type":"object","additionalProperties":{"type":"object","properties":{"a":{"type":"integer","default":2}}}},
         "e":{"x-kubernetes-preserve-unknown-fields":true,"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}}}}}}
        """)!.AsObject());

    [Fact]
    public void Pruning_twice_is_pruning_once() => Check.QuickThrowOnFailure(Prop.ForAll(RandomJson.Objects, value =>
    {
        Pruning.Prune(value, Tree, isRoot: true, null);
        var once = value.ToJsonString();
        var unknown = new List<string>();
        Pruning.Prune(value, Tree, isRoot: true, unknown);
        return unknown.Count == 0 && once == value.ToJsonString();
    }));

    [Fact]
    public void Defaulting_twice_is_defaulting_once() => Check.QuickThrowOnFailure(Prop.ForAll(RandomJson.Objects, value =>
    {
        Defaulting.Apply(value, Tree);
        var once = value.ToJsonString();
        Defaulting.Apply(value, Tree);
        return once == value.ToJsonString();
    }));

    [Fact]
    public void Any_value_can_be_judged() => Check.QuickThrowOnFailure(Prop.ForAll(RandomJson.Objects, value =>
    {
        var errors = new List<FieldError>();
        Validation.Check(value, Tree, "", errors);
        return errors.Distinct().Count() == errors.Count;
    }));
}
