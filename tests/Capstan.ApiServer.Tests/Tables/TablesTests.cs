using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Registry.CustomResources;
using Capstan.ApiServer.Tests.Catalogues;
using Xunit;

namespace Capstan.ApiServer.Tests.Tables;

public class TablesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(312, "5m12s")]
    [InlineData(10 * 60 + 5, "10m")]
    [InlineData(3 * 3600 + 7 * 60, "3h7m")]
    [InlineData(8 * 3600, "8h")]
    [InlineData(47 * 3600, "47h")]
    [InlineData(53 * 3600, "2d5h")]
    [InlineData(9 * 86400, "9d")]
    [InlineData(400 * 86400L, "400d")]
    [InlineData(1115 * 86400L, "3y20d")]
    [InlineData(9 * 365 * 86400L, "9y")]
    public void Ages_are_two_or_three_significant_parts(long seconds, string words) => Assert.Equal(words, Ages.Words(TimeSpan.FromSeconds(seconds)));

    private static string[] Cells(string group, string kind, string json)
    {
        var resource = CatalogueTests.BuiltIn.First(r => r.Type.Group == group && r.Type.Kind == kind);
        var obj = JsonNode.Parse(json)!.AsObject();
        var cells = resource.Columns.Select(c => c.Cell(obj, Now)?.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) ?? "null").ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(" | ", cells));
        return cells;
    }

    [Fact]
    public void A_deployment_shows_ready_of_wanted_and_its_template_when_wide() => Assert.Equal(
        ["\"web\"", "\"1/3\"", "2", "0", "\"90s\"", "\"a,b\"", "\"i:1,j:2\"", "\"app=web,tier in (x,y)\""],
        Cells("apps", "Deployment", """
            {"metadata":{"name":"web","creationTimestamp":"2026-01-02T11:58:30Z"},
             "spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"In","values":["y","x"]}]},
                     "template":{"spec":{"containers":[{"name":"a","image":"i:1"},{"name":"b","image":"j:2"}]}}},
             "status":{"readyReplicas":1,"updatedReplicas":2}}
            """));

    [Theory]
    [InlineData("""{"status":{"phase":"Pending"}}""", "0/1", "Pending")]
    [InlineData("""{"status":{"phase":"Running","containerStatuses":[{"name":"c","ready":true,"state":{"running":{}}}]}}""", "1/1", "Running")]
    [InlineData("""{"status":{"phase":"Pending","containerStatuses":[{"name":"c","state":{"waiting":{"reason":"ImagePullBackOff"}}}]}}""", "0/1", "ImagePullBackOff")]
    [InlineData("""{"status":{"phase":"Succeeded","containerStatuses":[{"name":"c","state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}}""", "0/1", "Completed")]
    [InlineData("""{"status":{"phase":"Running","containerStatuses":[{"name":"c","state":{"terminated":{"exitCode":3}}}]}}""", "0/1", "ExitCode:3")]
    [InlineData("""{"metadata":{"deletionTimestamp":"2026-01-02T11:00:00Z"},"status":{"phase":"Running"}}""", "0/1", "Terminating")]
    [InlineData("""{"spec":{"initContainers":[{"name":"i"}]},"status":{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"running":{}}}]}}""", "0/1", "Init:0/1")]
    [InlineData("""{"spec":{"initContainers":[{"name":"i"}]},"status":{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":1,"reason":"Error"}}}]}}""", "0/1", "Init:Error")]
    public void A_pod_shows_what_holds_it_back(string json, string ready, string reason)
    {
        var pod = JsonNode.Parse(json)!.AsObject();
        pod.GetOrAddMap("spec")!["containers"] = new JsonArray(new JsonObject { ["name"] = "c" });
        var cells = Cells("", "Pod", pod.ToJsonString());
        Assert.Equal(($"\"{ready}\"", $"\"{reason}\""), (cells[1], cells[2]));
    }

    [Fact]
    public void Restarts_tell_when_the_last_one_was()
    {
        var cells = Cells("", "Pod", """
            {"spec":{"containers":[{"name":"c"}]},"status":{"phase":"Running","containerStatuses":[{"name":"c","ready":true,"restartCount":2,
             "state":{"running":{}},"lastState":{"terminated":{"finishedAt":"2026-01-02T11:55:00Z"}}}]}}
            """);
        Assert.Equal("\"2 (5m ago)\"", cells[3]);
    }

    [Theory]
    [InlineData("""{"type":"ClusterIP","clusterIPs":["127.96.0.1"],"ports":[{"port":80,"protocol":"TCP"},{"port":53,"protocol":"UDP"}],"selector":{"b":"2","a":"1"}}""", "ClusterIP", "127.96.0.1", "<none>", "80/TCP,53/UDP", "a=1,b=2")]
    [InlineData("""{"type":"NodePort","clusterIPs":["127.96.0.1"],"ports":[{"port":80,"nodePort":30080,"protocol":"TCP"}]}""", "NodePort", "127.96.0.1", "<none>", "80:30080/TCP", "<none>")]
    [InlineData("""{"type":"LoadBalancer","clusterIPs":["127.96.0.1"]}""", "LoadBalancer", "127.96.0.1", "<pending>", "<none>", "<none>")]
    [InlineData("""{"type":"ExternalName","externalName":"x.example.org"}""", "ExternalName", "<none>", "x.example.org", "<none>", "<none>")]
    public void A_service_shows_how_it_is_reached(string spec, params string[] expected)
    {
        var cells = Cells("", "Service", $$"""{"metadata":{"name":"s"},"spec":{{spec}}}""");
        Assert.Equal(expected.Select(e => $"\"{e}\""), [cells[1], cells[2], cells[3], cells[4], cells[6]]);
    }

    [Fact]
    public void Both_groups_show_the_same_event_alike()
    {
        const string meta = "\"metadata\":{\"name\":\"e\"},\"reason\":\"R\",\"type\":\"Normal\"";
        Assert.Equal(
            Cells("", "Event", "{" + meta + """,  "message":" m ","count":3,"lastTimestamp":"2026-01-02T11:59:00Z","firstTimestamp":"2026-01-02T11:58:00Z","involvedObject":{"kind":"Pod","name":"p"},"source":{"component":"c","host":"h"}}"""),
            Cells("events.k8s.io", "Event", "{" + meta + """, "note":" m ","deprecatedCount":3,"deprecatedLastTimestamp":"2026-01-02T11:59:00Z","deprecatedFirstTimestamp":"2026-01-02T11:58:00Z","regarding":{"kind":"Pod","name":"p"},"deprecatedSource":{"component":"c","host":"h"}}"""));
    }

    [Fact]
    public void Every_column_of_every_kind_survives_an_empty_object_and_one_of_wrong_types()
    {
        foreach (var resource in CatalogueTests.BuiltIn)
        {
            foreach (var json in (string[])["{}", """{"metadata":1,"spec":"x","status":[1]}""", """{"metadata":{"name":1,"labels":[]},"spec":{"ports":{},"containers":[null,1],"selector":[1]},"status":{"conditions":[null]}}"""])
            {
                var obj = JsonNode.Parse(json)!.AsObject();
                Assert.All(resource.Columns, c => c.Cell(obj, Now));
            }
        }
    }

    [Theory]
    [InlineData(".spec.parts[0].name", "\"p1\"")]
    [InlineData(".spec.parts[-1].name", "\"p2\"")]
    [InlineData(".spec.parts[*].name", "\"p1\"")]
    [InlineData(".spec.parts[0:1].name", "\"p1\"")]
    [InlineData(".spec.parts[9].name", null)]
    [InlineData(".metadata.labels.app\\.kubernetes\\.io/name", "\"x\"")]
    [InlineData(".metadata.labels['app.kubernetes.io/name']", "\"x\"")]
    [InlineData(".status.conditions[?(@.type==\"Ready\")].status", "\"True\"")]
    [InlineData(".status.conditions[?(@.type=='Gone')].status", null)]
    [InlineData(".status.conditions[?(@.n>1)].type", "\"Old\"")]
    [InlineData("..n", "1")]
    [InlineData(".spec.m", "{\"k\":\"v\"}")]
    public void Columns_of_custom_resources_follow_their_path(string path, string? expected)
    {
        var obj = JsonNode.Parse("""
            {"metadata":{"labels":{"app.kubernetes.io/name":"x"}},"spec":{"parts":[{"name":"p1"},{"name":"p2"}],"m":{"k":"v"}},
             "status":{"conditions":[{"type":"Ready","status":"True","n":1},{"type":"Old","status":"False","n":2}]}}
            """);
        Assert.Equal(expected, JsonPath.TryParse(path)!.Find(obj).FirstOrDefault()?.ToJsonString());
    }

    [Theory]
    [InlineData("spec")]
    [InlineData(".spec[")]
    [InlineData(".a[x]")]
    [InlineData(".a[?(b==1)]")]
    public void What_is_no_path_is_not_understood(string path) => Assert.Null(JsonPath.TryParse(path));

    [Fact]
    public void A_table_has_its_columns_once_and_rows_carry_what_was_asked_for()
    {
        var resource = CatalogueTests.BuiltIn.First(r => r.Type.Kind == "ConfigMap");
        var obj = JsonNode.Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1"}}""")!.AsObject();
        JsonNode Write(TableObject include, bool columns)
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream))
            {
                new ApiServer.Http.Tables(TimeProvider.System).Write(writer, resource, new JsonObject { ["resourceVersion"] = "7" }, [obj], include, columns);
            }

            return JsonNode.Parse(Encoding.UTF8.GetString(stream.ToArray()))!;
        }

        var first = Write(TableObject.Metadata, true);
        Assert.Equal(["Name", "Data", "Age"], first["columnDefinitions"]!.AsArray().Select(c => (string)c!["name"]!));
        Assert.Equal("PartialObjectMetadata", (string?)first["rows"]![0]!["object"]!["kind"]);
        Assert.Equal("7", (string?)first["metadata"]!["resourceVersion"]);
        Assert.Null(Write(TableObject.None, false)["columnDefinitions"]);
        Assert.Null(Write(TableObject.None, false)["rows"]![0]!["object"]);
        Assert.Equal("1", (string?)Write(TableObject.Object, false)["rows"]![0]!["object"]!["data"]!["a"]);
    }

    [Fact]
    public void An_unknown_word_for_what_rows_carry_is_refused_in_words()
    {
        Assert.False(ApiServer.Http.Tables.TryReadIncludeObject("Everything", out _, out var message));
        Assert.Equal("Unable to convert to Table as requested: includeObject: Invalid value: \"Everything\": must be 'Metadata', 'Object', 'None', or empty", message);
    }

    [Fact]
    public void Columns_that_every_table_has_are_described_as_on_the_wire()
    {
        var columns = CatalogueTests.BuiltIn.First(r => r.Type is { Group: "", Kind: "ConfigMap" }).Columns;
        Assert.Equal(["Name", "Data", "Age"], columns.Select(c => c.Name));
        Assert.StartsWith("Name must be unique within a namespace.", columns[0].Description, StringComparison.Ordinal);
        Assert.StartsWith("CreationTimestamp is a timestamp representing the server time", columns[2].Description, StringComparison.Ordinal);
        var custom = CustomResourceColumns.Of(new JsonObject
        {
            ["additionalPrinterColumns"] = new JsonArray(
                new JsonObject { ["name"] = "Age", ["type"] = "date", ["jsonPath"] = ".metadata.creationTimestamp" },
                new JsonObject { ["name"] = "Size", ["type"] = "integer", ["jsonPath"] = ".spec.size", ["description"] = "How large" }),
        });
        Assert.Equal(
            [columns[0].Description, "Custom resource definition column (in JSONPath format): .metadata.creationTimestamp", "How large"],
            custom.Select(c => c.Description));
        Assert.Equal([columns[0].Description, columns[2].Description], CustomResourceColumns.Of([]).Select(c => c.Description));
    }
}
