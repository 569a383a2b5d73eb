using System.Text.Json.Nodes;
using Capstan.Patching;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Capstan.Objects.Tests.Patching;

public class PatchPropertyTests
{
    [Fact]
    public void An_empty_merge_patch_changes_nothing() =>
        Check.QuickThrowOnFailure(Prop.ForAll(RandomJson.Objects, value => JsonNode.DeepEquals(value, MergePatch.Apply(value, []))));

    [Fact]
    public void A_merge_patch_applied_twice_is_applied_once() => Check.QuickThrowOnFailure(Prop.ForAll(RandomJson.Objects, RandomJson.Objects, (value, patch) =>
    {
        var once = MergePatch.Apply(value, patch);
        return JsonNode.DeepEquals(once, MergePatch.Apply(once, patch)) || ReplacesAnObjectByAList(value, patch);
    }));

    [Fact]
    public void Removing_what_was_added_gives_the_document_back() => Check.QuickThrowOnFailure(Prop.ForAll(RandomJson.Objects, RandomJson.Objects, (document, added) =>
    {
        var add = new JsonArray(new JsonObject { ["op"] = "add", ["path"] = "/new~1field", ["value"] = added.DeepClone() });
        var remove = new JsonArray(new JsonObject { ["op"] = "remove", ["path"] = "/new~1field" });
        return JsonNode.DeepEquals(document, JsonPatch.Apply(JsonPatch.Apply(document, add), remove));
    }));

    [Fact]
    public void A_strategic_patch_of_data_is_a_merge_patch() => Check.QuickThrowOnFailure(Prop.ForAll(RandomJson.Objects, RandomJson.Objects, (data, patch) =>
    {
        foreach (var fields in (JsonObject[])[data, patch])
        {
            foreach (var (name, value) in fields.ToList())
            {
                fields[name] = value is null ? null : value.ToJsonString();
            }
        }

        var before = new JsonObject { ["data"] = data.DeepClone() };
        var change = new JsonObject { ["data"] = patch.DeepClone() };
        var schema = Capstan.Kinds.BuiltInKinds.SchemaOf(new("", "v1", "ConfigMap"))!;
        return JsonNode.DeepEquals(MergePatch.Apply(before, change), StrategicMergePatch.Apply(before, change, schema));
    }));

    // There Kubernetes keeps nulls inside the list, which a second time go.
    private static bool ReplacesAnObjectByAList(JsonNode? value, JsonNode? patch) => (value, patch) switch
    {
        (JsonObject, JsonArray) => true,
        (JsonObject target, JsonObject changes) => changes.Any(change => ReplacesAnObjectByAList(target[change.Key], change.Value)),
        _ => false,
    };
}
