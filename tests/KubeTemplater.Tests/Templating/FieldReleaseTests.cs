using System.Text;
using System.Text.Json.Nodes;
using Capstan;
using KubeTemplater.Templating;

namespace KubeTemplater.Tests.Templating;

public class FieldReleaseTests
{
    private const string Wanted = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"a/b":"1"}},
         "spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"side","image":"s"},{"name":"web","image":"w","args":["x","y"]}]}}},"tags":["red","blue"]}
        """;

    [Theory]
    [InlineData("/spec/replicas", """{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"side\"}":{".":{},"f:image":{}},"k:{\"name\":\"web\"}":{".":{},"f:image":{}}}}}},"f:tags":{"v:\"red\"":{},"v:\"blue\"":{}}}""")]
    [InlineData("/spec/template/spec/containers/1/image", """{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"side\"}":{".":{},"f:image":{}},"k:{\"name\":\"web\"}":{".":{}}}}}},"f:tags":{"v:\"red\"":{},"v:\"blue\"":{}}}""")]
    [InlineData("/spec/template", """{"f:spec":{"f:replicas":{}},"f:tags":{"v:\"red\"":{},"v:\"blue\"":{}}}""")]
    [InlineData("/tags/1", """{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"side\"}":{".":{},"f:image":{}},"k:{\"name\":\"web\"}":{".":{},"f:image":{}}}}}},"f:tags":{"v:\"red\"":{}}}""")]
    public void Takes_a_field_off_our_list_and_nothing_else(string pointer, string fields) =>
        JsonAssert.Equal(
            $$$$$$"""
            [{"op":"replace","path":"/metadata/managedFields","value":[{"manager":"hpa","operation":"Update","fieldsV1":{"f:spec":{"f:replicas":{}}}},
              {"manager":"kubetemplater","operation":"Apply","apiVersion":"apps/v1","fieldsType":"FieldsV1","fieldsV1":{{{{{{fields}}}}}} }]},
             {"op":"replace","path":"/metadata/resourceVersion","value":"7"}]
            """,
            PatchOf(pointer));

    [Fact]
    public void A_set_that_is_empty_goes_since_an_empty_one_would_mean_the_place_itself() =>
        JsonAssert.Equal("{}", PatchOf("/spec/replicas", "/spec/template", "/tags")![0]!["value"]![1]!["fieldsV1"]);

    [Theory]
    [InlineData("/spec/paused")]
    [InlineData("/spec/template/spec/containers/2/image")]
    [InlineData("/spec/replicas/deeper")]
    public void What_is_not_ours_needs_no_patch(string pointer) => Assert.Null(PatchOf(pointer));

    [Fact]
    public void Is_taken_out_of_what_is_applied_items_by_their_first_place()
    {
        var wanted = JsonNode.Parse(Wanted)!.AsObject();

        FieldRelease.RemoveFrom(wanted, ["/spec/replicas", "/spec/template/spec/containers/1/image", "/tags/0", "/tags/1", "/metadata/labels/a~1b", "/nowhere/7/x", "/tags/9"]);

        JsonAssert.Equal(
            """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{}},
             "spec":{"template":{"spec":{"containers":[{"name":"side","image":"s"},{"name":"web","args":["x","y"]}]}}},"tags":[]}
            """,
            wanted);
    }

    [Theory]
    [InlineData("spec/replicas")]
    [InlineData("")]
    [InlineData("/kind")]
    [InlineData("/metadata")]
    [InlineData("/metadata/name")]
    [InlineData("/metadata/labels")]
    [InlineData("/metadata/labels/kubetemplater.io~1template-name")]
    public void What_an_object_is_told_by_cannot_be_left_to_others(string pointer) => Assert.NotNull(FieldRelease.FaultOf(pointer));

    [Theory]
    [InlineData("/spec")]
    [InlineData("/spec/replicas")]
    [InlineData("/metadata/labels/team")]
    [InlineData("/metadata/annotations/a~1b")]
    public void Others_can(string pointer) => Assert.Null(FieldRelease.FaultOf(pointer));

    private static JsonNode? PatchOf(params string[] pointers)
    {
        var live = DynamicObject.Parse(Encoding.UTF8.GetBytes("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","resourceVersion":"7","managedFields":[
              {"manager":"hpa","operation":"Update","fieldsV1":{"f:spec":{"f:replicas":{}}}},
              {"manager":"kubetemplater","operation":"Apply","apiVersion":"apps/v1","fieldsType":"FieldsV1","fieldsV1":
                {"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"side\"}":{".":{},"f:image":{}},"k:{\"name\":\"web\"}":{".":{},"f:image":{}}}}}},"f:tags":{"v:\"red\"":{},"v:\"blue\"":{}}}}]}}
            """));
        return FieldRelease.PatchOf(live, JsonNode.Parse(Wanted)!.AsObject(), pointers) is { } patch ? JsonNode.Parse(patch.Span) : null;
    }
}
