using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.Runtime.Tests.Controllers;

public sealed class PredicatesTests
{
    private static readonly DynamicObject Before = Object(1, "5", "u", """{"a":"1"}""", """{"n":"1"}""");

    [Fact]
    public void Generation()
    {
        Assert.True(Predicates.GenerationChanged(Before, Object(2, "6", "u")));
        Assert.False(Predicates.GenerationChanged(Before, Object(1, "6", "u", """{"a":"2"}""")));
    }

    [Fact]
    public void A_kind_that_has_no_generation_is_never_dropped() => Assert.True(Predicates.GenerationChanged(Object(0, "5", "u"), Object(0, "6", "u")));

    [Fact]
    public void Resource_version()
    {
        Assert.True(Predicates.ResourceVersionChanged(Before, Object(1, "6", "u")));
        Assert.False(Predicates.ResourceVersionChanged(Before, Object(2, "5", "u")));
    }

    [Theory]
    [InlineData("""{"a":"1"}""", false)]
    [InlineData("""{"a":"2"}""", true)]
    [InlineData("""{"b":"1"}""", true)]
    [InlineData("""{"a":"1","b":"1"}""", true)]
    [InlineData("{}", true)]
    public void Labels_and_annotations(string map, bool changed)
    {
        Assert.Equal(changed, Predicates.LabelsChanged(Before, Object(1, "6", "u", map)));
        Assert.Equal(changed, Predicates.AnnotationsChanged(Object(1, "5", "u", null, """{"a":"1"}"""), Object(1, "6", "u", """{"x":"y"}""", map)));
    }

    [Fact]
    public void What_is_new_gone_or_another_object_of_the_name_passes()
    {
        foreach (var predicate in new[] { Predicates.GenerationChanged, Predicates.ResourceVersionChanged, Predicates.LabelsChanged, Predicates.AnnotationsChanged })
        {
            Assert.False(predicate(Before, Before));
            Assert.True(predicate(null, Before) && predicate(Before, null) && predicate(Before, Object(1, "5", "other", """{"a":"1"}""", """{"n":"1"}""")));
        }
    }

    [Fact]
    public void An_object_that_ceases_to_be_wanted_is_seen_once_more()
    {
        var wanted = Predicates.Object(value => value.Labels.ContainsKey("a"));
        var other = Object(1, "6", "u");
        Assert.True(wanted(null, Before) && wanted(Before, other) && wanted(other, Before) && wanted(Before, null));
        Assert.False(wanted(other, other) || wanted(null, other) || wanted(other, null));
    }

    [Fact]
    public void And_or_not()
    {
        Func<DynamicObject?, DynamicObject?, bool> yes = (_, _) => true, no = (_, _) => false;
        Assert.True(Predicates.And(yes, yes)(null, Before) && !Predicates.And(yes, no)(null, Before) && Predicates.And()(null, Before));
        Assert.True(Predicates.Or(no, yes)(null, Before) && !Predicates.Or(no, no)(null, Before) && !Predicates.Or()(null, Before));
        Assert.True(Predicates.Not(no)(null, Before) && !Predicates.Not(yes)(null, Before));
    }

    private static DynamicObject Object(long generation, string version, string uid, string? labels = null, string? annotations = null)
    {
        var metadata = new JsonObject { ["name"] = "one", ["uid"] = uid, ["resourceVersion"] = version, ["labels"] = Map(labels), ["annotations"] = Map(annotations) };
        if (generation > 0)
        {
            metadata["generation"] = generation;
        }

        return DynamicObject.From(new JsonObject { ["apiVersion"] = "example.com/v1", ["kind"] = "Thing", ["metadata"] = metadata });
    }

    private static JsonNode? Map(string? json) => json is null ? null : JsonNode.Parse(json);
}
