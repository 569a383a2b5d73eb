using System.Text.Json.Nodes;
using Capstan.Kinds;
using Capstan.Patching;
using Xunit;

namespace Capstan.Objects.Tests.Patching;

/// <summary>strategic-cases.json: objects and patches with the results of a real kube-apiserver 1.36 (a PATCH, and a PUT of our result, gave the same object).</summary>
public class StrategicMergePatchTests
{
    private static readonly JsonObject Table = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Patching", "strategic-cases.json")))!.AsObject();

    public static TheoryData<string> Cases => [.. Table["cases"]!.AsArray().Select(one => one!["about"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Patches_as_Kubernetes_does(string about)
    {
        var one = Table["cases"]!.AsArray().Single(one => one!["about"]!.GetValue<string>() == about)!.AsObject();
        var before = Table["objects"]![one["before"]!.GetValue<string>()]!.AsObject();
        var patch = one["patch"]!.AsObject();
        var schema = BuiltInKinds.SchemaOf(GroupVersionKind.Parse(before["apiVersion"]!.GetValue<string>(), before["kind"]!.GetValue<string>()))!;
        var (beforeText, patchText) = (before.ToJsonString(), patch.ToJsonString());
        if (one["error"] is { } error)
        {
            Assert.Equal(error.GetValue<string>(), Assert.Throws<PatchException>(() => StrategicMergePatch.Apply(before, patch, schema)).Message);
        }
        else
        {
            var after = StrategicMergePatch.Apply(before, patch, schema);
            Assert.True(JsonNode.DeepEquals(one["after"], after), $"expected {one["after"]!.ToJsonString()}, got {after.ToJsonString()}");
        }

        Assert.Equal((beforeText, patchText), (before.ToJsonString(), patch.ToJsonString()));
    }

    [Fact]
    public void A_list_of_many_items_is_merged_in_good_time()
    {
        var env = new JsonArray();
        var order = new JsonArray();
        for (var i = 0; i < 20_000; i++)
        {
            env.Add(new JsonObject { ["name"] = $"v{i}", ["value"] = "1" });
            order.Insert(0, new JsonObject { ["name"] = $"v{i}" });
        }

        var before = new JsonObject { ["env"] = env };
        var patch = new JsonObject { ["$setElementOrder/env"] = order, ["env"] = new JsonArray(new JsonObject { ["name"] = "v7", ["value"] = "2" }) };
        var after = StrategicMergePatch.Apply(before, patch, BuiltInKinds.TypeNamed("io.k8s.api.core.v1.Container"));
        Assert.Equal("v19999", after["env"]![0]!["name"]!.GetValue<string>());
        Assert.Equal("2", after["env"]![19_992]!["value"]!.GetValue<string>());
    }
}
