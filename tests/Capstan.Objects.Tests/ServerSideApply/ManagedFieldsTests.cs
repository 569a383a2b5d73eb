using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Kinds;
using Capstan.Patching;
using Capstan.Schemas;
using Xunit;

namespace Capstan.Objects.Tests.ServerSideApply;

public sealed class ManagedFieldsTests
{
    private static readonly Schema ConfigMap = BuiltInKinds.SchemaOf(new("", "v1", "ConfigMap"))!;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_eleventh_updater_folds_the_two_oldest()
    {
        JsonObject? live = null;
        for (var i = 0; i < 11; i++) live = Update(live, $"m{i:00}", i, $"k{i}", "1");
        Assert.Equal(
            ["ancient-changes k0,k1", "m02 k2", "m03 k3", "m04 k4", "m05 k5", "m06 k6", "m07 k7", "m08 k8", "m09 k9", "m10 k10"],
            Entries(live!));
        Assert.Equal("2026-01-01T00:00:01Z", (string?)live!["metadata"]!["managedFields"]![0]!["time"]);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[{}]")]
    public void An_empty_list_forgets_all_owners_and_updates_are_then_not_tracked(string managedFields)
    {
        var live = Update(null, "ash", 0, "a", "1");
        var after = live.DeepClone().AsObject();
        after["metadata"]!["managedFields"] = JsonNode.Parse(managedFields);
        ManagedFields.TrackUpdate(live, after, ConfigMap, Request("birch", 1));
        Assert.Null(after["metadata"]!["managedFields"]);
        Assert.Null(Update(after, "birch", 2, "b", "1")["metadata"]!["managedFields"]);
        var applied = Apply(after, "cedar", 3, """{"c":"1"}""");
        Assert.Equal(["cedar c", "before-first-apply a"], Entries(applied));
    }

    [Fact]
    public void Entries_that_are_not_valid_do_not_replace_the_stored_ones()
    {
        var live = Update(null, "ash", 0, "a", "1");
        var after = live.DeepClone().AsObject();
        after["metadata"]!["managedFields"] = JsonNode.Parse("""[{"manager":"evil","operation":"Steal","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{}}]""");
        ManagedFields.TrackUpdate(live, after, ConfigMap, Request("birch", 1));
        Assert.Equal(["ash a"], Entries(after));
    }

    [Fact]
    public void Times_are_kept_when_nothing_else_changed()
    {
        var live = Update(null, "ash", 0, "a", "1");
        var after = live.DeepClone().AsObject();
        after["metadata"]!["managedFields"]![0]!["time"] = "2027-01-01T00:00:00Z";
        var changed = after.DeepClone().AsObject();
        changed["data"]!["a"] = "2";
        ManagedFields.KeepTimes(live, after);
        Assert.True(JsonNode.DeepEquals(live, after));
        ManagedFields.KeepTimes(live, changed);
        Assert.Equal("2027-01-01T00:00:00Z", (string?)changed["metadata"]!["managedFields"]![0]!["time"]);
    }

    [Fact]
    public void Only_what_changes_moves_the_time()
    {
        var live = Apply(null, "ash", 0, """{"a":"1"}""");
        live = Apply(live, "birch", 5, """{"a":"1"}""");
        Assert.Null(live["metadata"]!["managedFields"]!.AsArray().Single(e => (string?)e!["manager"] == "birch")!["time"]);
        var same = Apply(live, "ash", 9, """{"a":"1"}""");
        Assert.True(JsonNode.DeepEquals(live, same));
        live = Apply(live, "ash", 10, """{"a":"1","b":"1"}""");
        Assert.Equal("2026-01-01T00:00:10Z", (string?)live["metadata"]!["managedFields"]!.AsArray().Single(e => (string?)e!["manager"] == "ash")!["time"]);
    }

    [Fact]
    public void Moving_from_client_side_apply_meets_no_conflict_and_keeps_the_annotation_true()
    {
        const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
        const string Last = """{"apiVersion":"v1","data":{"a":"1"},"kind":"ConfigMap","metadata":{"name":"n"}}""";
        var live = Object("""{"a":"1"}""");
        live["metadata"]!["annotations"] = new JsonObject { [Annotation] = Last + "\n" };
        ManagedFields.TrackUpdate(null, live, ConfigMap, Request("kubectl-client-side-apply", 0));
        Assert.Throws<ApplyConflictException>(() => Apply(live, "someone", 1, """{"a":"2"}"""));
        var applied = Apply(live, "kubectl", 1, """{"a":"2"}""");
        Assert.Equal("2", (string?)applied["data"]!["a"]);
        Assert.Equal(Last.Replace("\"1\"", "\"2\"", StringComparison.Ordinal) + "\n", (string?)applied["metadata"]!["annotations"]![Annotation]);
        // What somebody changed since the last apply is a conflict even for kubectl.
        var edited = Update(live, "kubectl-edit", 2, "a", "7");
        var conflict = Assert.Throws<ApplyConflictException>(() => Apply(edited, "kubectl", 3, """{"a":"2"}"""));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"kubectl-edit\" using v1: .data.a", conflict.Message);
    }

    [Theory]
    [InlineData("""{"managedFields":[]}""", """{"a":"1"}""", "metadata.managedFields must be nil")]
    [InlineData("""{"name":"n","labels":{"a":1}}""", "{}", "failed to create typed patch object (/n; /v1, Kind=ConfigMap): .metadata.labels.a: expected string, got &value.valueUnstructured{Value:1}")]
    [InlineData("""{"name":"n","generation":"x"}""", "{}", "failed to create typed patch object (/n; /v1, Kind=ConfigMap): .metadata.generation: expected numeric (int or float), got string")]
    [InlineData("""{"name":"n","finalizers":["a","a"]}""", "{}", "failed to create typed patch object (/n; /v1, Kind=ConfigMap): .metadata.finalizers: duplicate entries for key [=\"a\"]")]
    [InlineData("""{"name":"n"}""", "[1,{\"b\":null}]", "failed to create typed patch object (/n; /v1, Kind=ConfigMap): .data: expected map, got &{[1 map[b:<nil>]]}")]
    public void A_configuration_that_does_not_fit_is_refused_in_Kubernetes_words(string metadata, string data, string message)
    {
        var configuration = Object("{}");
        configuration["metadata"] = JsonNode.Parse(metadata);
        configuration["data"] = JsonNode.Parse(data);
        var fault = Assert.ThrowsAny<Exception>(() => Capstan.Patching.ServerSideApply.Apply(null, configuration, ConfigMap, Request("ash", 0)));
        Assert.Equal(message, fault.Message);
    }

    [Fact]
    public void Reset_fields_are_neither_owned_nor_in_conflict()
    {
        var configuration = Object("""{"a":"1","b":"2"}""");
        var applied = Capstan.Patching.ServerSideApply.Apply(null, configuration, ConfigMap, Request("ash", 0) with { ResetFields = ["data.a"] });
        Assert.Equal(["ash b"], Entries(applied));
    }

    [Fact]
    public void Arguments_are_not_changed()
    {
        var live = Apply(null, "ash", 0, """{"a":"1","b":"1"}""");
        var (before, text) = (live.ToJsonString(), Object("""{"a":"1"}"""));
        var configuration = text.ToJsonString();
        Capstan.Patching.ServerSideApply.Apply(live, text, ConfigMap, Request("ash", 1));
        Assert.Equal(before, live.ToJsonString());
        Assert.Equal(configuration, text.ToJsonString());
    }

    private static ApplyRequest Request(string manager, int second) => new(manager, "v1", "", false, Start.AddSeconds(second));

    private static JsonObject Object(string data) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = "n" },
        ["data"] = JsonNode.Parse(data),
    };

    private static JsonObject Apply(JsonObject? live, string manager, int second, string data) =>
        Capstan.Patching.ServerSideApply.Apply(live, Object(data), ConfigMap, Request(manager, second));

    private static JsonObject Update(JsonObject? live, string manager, int second, string key, string value)
    {
        var after = live?.DeepClone().AsObject() ?? Object("{}");
        after["data"]![key] = value;
        ManagedFields.TrackUpdate(live, after, ConfigMap, Request(manager, second));
        return after;
    }

    private static string[] Entries(JsonObject value) =>
    [
        .. value["metadata"]!["managedFields"]!.AsArray().Select(e => string.Create(
            CultureInfo.InvariantCulture,
            $"{e!["manager"]} {string.Join(',', e["fieldsV1"]!["f:data"]!.AsObject().Where(f => f.Key != ".").Select(f => f.Key[2..]))}")),
    ];
}
