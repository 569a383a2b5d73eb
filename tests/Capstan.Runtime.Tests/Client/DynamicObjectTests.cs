using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

public sealed class DynamicObjectTests
{
    private static readonly ResourceType ConfigMaps = ConfigMap.Resource;

    private static DynamicObject Parse(string json) => DynamicObject.Parse(Encoding.UTF8.GetBytes(json));

    private static string Copy(string json, bool withoutManagedFields = true) =>
        Encoding.UTF8.GetString(DynamicObject.CopyFrom(Encoding.UTF8.GetBytes(json), ConfigMaps, withoutManagedFields).Json.Span);

    [Fact]
    public void The_header_is_read_wherever_its_members_stand()
    {
        var value = Parse("""
            {"spec":{"metadata":{"name":"decoy"}},"metadata":{"labels":{"a":"1"},"generation":7,"uid":"u","name":"n","annotations":{"k":"v"},
             "ownerReferences":[{"apiVersion":"v1","kind":"K","name":"o","uid":"ou","controller":true}],"finalizers":["f"],"namespace":"ns","resourceVersion":"12",
             "deletionTimestamp":"2026-01-02T03:04:05Z"},"kind":"Thing","apiVersion":"g/v1"}
            """);
        Assert.Equal(new GroupVersionKind("g", "v1", "Thing"), value.GroupVersionKind);
        Assert.Equal(new ObjectKey("ns", "n"), value.Key);
        Assert.Equal(("u", "12", 7L), (value.Uid, value.ResourceVersion, value.Generation));
        Assert.Equal("1", value.Labels["a"]);
        Assert.Equal("v", value.Annotations["k"]);
        Assert.Equal("ou", Assert.Single(value.OwnerReferences).Uid);
        Assert.Equal(["f"], value.Finalizers);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), value.DeletionTimestamp);
    }

    [Fact]
    public void What_is_absent_or_null_is_empty()
    {
        foreach (var json in new[] { "{}", """{"metadata":null}""", """{"metadata":{}}""", """{"metadata":{"labels":null,"finalizers":null,"ownerReferences":null,"name":null}}""" })
        {
            var value = Parse(json);
            Assert.Equal(default, (value.Uid, value.ResourceVersion, value.DeletionTimestamp));
            Assert.Equal(new ObjectKey("", ""), value.Key);
            Assert.Empty(value.Labels);
            Assert.Empty(value.Finalizers);
            Assert.Empty(value.OwnerReferences);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{} {}")]
    [InlineData("""{"metadata":[]}""")]
    [InlineData("""{"metadata":{"name":7}}""")]
    [InlineData("""{"metadata":{"generation":"x"}}""")]
    [InlineData("""{"metadata":{"deletionTimestamp":"yesterday"}}""")]
    [InlineData("""{"metadata":{"name":"x"}""")]
    public void What_is_no_object_is_refused(string json) => Assert.ThrowsAny<JsonException>(() => Parse(json));

    [Theory]
    [InlineData("""{"apiVersion":"v1","kind":"K","metadata":{"name":"a","managedFields":[{"a":[1,{"}":2}]}]}}""", """{"apiVersion":"v1","kind":"K","metadata":{"name":"a"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"K","metadata":{"managedFields":[],"name":"a"}}""", """{"apiVersion":"v1","kind":"K","metadata":{"name":"a"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"K","metadata":{"managedFields":null}}""", """{"apiVersion":"v1","kind":"K","metadata":{}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"K","metadata":{"name":"a" , "managedFields" : [ ] , "uid":"u"}}""", """{"apiVersion":"v1","kind":"K","metadata":{"name":"a" ,  "uid":"u"}}""")]
    [InlineData("""{"metadata":{"name":"a"},"data":{"managedFields":"stay"}}""", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"managedFields":"stay"}}""")]
    [InlineData("{ }", """{"apiVersion":"v1","kind":"ConfigMap" }""")]
    [InlineData("""{"kind":"Other"}""", """{"apiVersion":"v1","kind":"Other"}""")]
    public void A_copy_says_its_kind_and_leaves_out_managedFields(string json, string copy)
    {
        Assert.Equal(copy, Copy(json));
        Assert.Equal(Parse(copy).Key, DynamicObject.CopyFrom(Encoding.UTF8.GetBytes(json), ConfigMaps, true).Key);
    }

    [Fact]
    public void Lazily_read_metadata_is_found_in_a_copy_that_moved()
    {
        var copy = DynamicObject.CopyFrom("""  {"metadata":{"managedFields":[{"x":1}],"labels":{"a":"1"},"finalizers":["f"]},"z":1}"""u8, ConfigMaps, true);
        Assert.Equal("1", copy.Labels["a"]);
        Assert.Equal(["f"], copy.Finalizers);
        var again = DynamicObject.CopyFrom(copy.Json.Span, ConfigMaps, true);
        Assert.Equal(copy.Json.ToArray(), again.Json.ToArray());
        Assert.Equal("1", again.Labels["a"]);
    }

    [Fact]
    public void Trap39_a_round_trip_loses_nothing()
    {
        const string Json = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","newField":{"x":1}},"data":{"k":"v"},"immutable":true,"big":9007199254740993,"exact":1.10}""";
        Assert.Equal(Json, DynamicObject.From(Parse(Json).ToJson()).ToJson().ToJsonString());
        var typed = Parse(Json).To<ConfigMap>();
        typed.Data!["k"] = "größer & <kleiner>";
        var back = DynamicObject.From(typed).ToJson();
        Assert.Equal(1, (int)back["metadata"]!["newField"]!["x"]!);
        Assert.Equal("9007199254740993", back["big"]!.ToJsonString());
        Assert.Equal("1.10", back["exact"]!.ToJsonString());
        Assert.Equal("größer & <kleiner>", (string)back["data"]!["k"]!);
    }

    [Fact]
    public void What_is_read_belongs_to_the_reader()
    {
        var value = Parse("""{"metadata":{"name":"a"},"data":{"k":"v"}}""");
        value.To<ConfigMap>().Data!["k"] = "changed";
        value.ToJson()["data"]!["k"] = "changed";
        Assert.Equal("v", value.To<ConfigMap>().Data!["k"]);
    }

    [Fact]
    public void A_tree_that_was_built_by_hand_is_taken_as_it_is()
    {
        var tree = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "a", ["namespace"] = "b" } };
        var value = DynamicObject.From(tree);
        tree["metadata"]!["name"] = "c";
        Assert.Equal(new ObjectKey("b", "a"), value.Key);
    }
}
