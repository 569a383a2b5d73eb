using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Webhooks;

/// <summary>Reviews as API servers send them, and their answers.</summary>
public sealed class ConversionTests : IDisposable
{
    private const string V1 = "shops.capstan.dev/v1", V2 = "shops.capstan.dev/v2", V3 = "shops.capstan.dev/v3";

    private readonly MetricsReading metrics = new();
    private readonly ConversionJudge judge;
    private readonly ConversionBuilder conversion = new();

    public ConversionTests() => judge = new(new WebhookInstruments(metrics.Meter, ["/convert"]), NullLogger.Instance);

    public void Dispose() => metrics.Dispose();

    [Fact]
    public void Trap33_a_conversion_keeps_order_names_and_uids_and_comes_back_without_loss()
    {
        Shops.Join(conversion);
        var shops = Enumerable.Range(0, 20).Select(i => One($"shop-{19 - i}", $"host-{i}:{i}", i % 2 == 0 ? ""","annotations":{"shops.capstan.dev/comment":"open late","b":"c"}""" : "")).ToArray();
        foreach (var version in (string[])[V2, V3])
        {
            var there = Converted(Ask(version, shops));
            Assert.Equal(shops.Length, there.Count);
            for (var i = 0; i < shops.Length; i++)
            {
                var came = JsonNode.Parse(shops[i])!;
                var spec = version == V2 ? there[i]["spec"]! : there[i]["spec"]!["address"]!;
                Assert.Equal(("Shop", version, $"host-{i}", i), (there[i]["kind"]!.GetValue<string>(), there[i]["apiVersion"]!.GetValue<string>(), spec["host"]!.GetValue<string>(), spec["port"]!.GetValue<int>()));
                Assert.All((string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp", "finalizers", "managedFields"], name => Assert.True(JsonNode.DeepEquals(came["metadata"]![name], there[i]["metadata"]![name]), name));
                Assert.Equal(i % 2 == 0 ? "open late" : null, (string?)spec["comment"]);
                Assert.Null(there[i]["metadata"]!["annotations"]?[Shops.Comment]);
            }

            var back = Converted(Ask(V1, [.. there.Select(one => one.ToJsonString())]));
            Assert.All(shops.Zip(back), pair => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(pair.First), pair.Second), $"{pair.First}\n{pair.Second}"));
        }
    }

    [Fact]
    public void What_has_the_version_already_stays_and_versions_may_be_mixed()
    {
        Shops.Join(conversion);
        var two = """{"apiVersion":"shops.capstan.dev/v2","kind":"Shop","metadata":{"name":"b"},"spec":{"host":"h","port":1,"later":true}}""";
        var there = Converted(Ask(V2, One("a", "x:1"), two, One("c", "y:2")));
        Assert.Equal(["a", "b", "c"], there.Select(one => one["metadata"]!["name"]!.GetValue<string>()));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(two), there[1]));
    }

    [Fact]
    public void Trap33_one_object_that_cannot_be_converted_fails_the_whole_review_by_name()
    {
        Shops.Join(conversion);
        Assert.Equal("Shop default/bad: the webhook failed: Index was outside the bounds of the array.", Fault(Ask(V2, One("good", "x:1"), One("bad", "no port"))));
        Assert.Equal("Shop default/a: there is no conversion from shops.capstan.dev/v1 to shops.capstan.dev/v9", Fault(Ask("shops.capstan.dev/v9", One("a", "x:1"))));
        Assert.Contains("Shop default/odd: ", Fault(Ask(V2, One("odd", "x:1").Replace("\"x:1\"", "7", StringComparison.Ordinal))), StringComparison.Ordinal);
        Assert.StartsWith("objects[1]: ", Fault(Ask(V2, One("a", "x:1"), "7")), StringComparison.Ordinal);

        // A bug is counted; what an object cannot be is none.
        Assert.Equal("1", metrics["controller_runtime_conversion_webhook_panics_total"]);
        Assert.Equal("0", metrics["controller_runtime_webhook_panics_total"]);
    }

    [Fact]
    public void Trap33_a_conversion_may_change_labels_and_annotations_and_nothing_else_of_the_metadata()
    {
        Func<JsonObject, JsonObject> make = _ => [];
        conversion.Between(new(Shops.Group, "v1", Shops.Kind), new(Shops.Group, "v2", Shops.Kind), value => make(value), value => value);
        var shop = One("a", "x:1", ""","labels":{"k":"v"},"annotations":{"b":"c"}""");
        JsonObject Made() => Assert.Single(Converted(Ask(V2, shop)));
        var came = JsonNode.Parse(shop)!["metadata"]!;

        // One that says nothing of it means all of it.
        Assert.True(JsonNode.DeepEquals(came, Made()["metadata"]));

        make = value =>
        {
            value["metadata"]!["labels"] = new JsonObject { ["other"] = "label" };
            value["metadata"]!.AsObject().Remove("annotations");
            value["metadata"]!["finalizers"] = new JsonArray();
            value["metadata"]!["creationTimestamp"] = "2001-01-01T00:00:00Z";
            value["metadata"]!["resourceVersion"] = "1";
            return value;
        };
        var metadata = Made()["metadata"]!;
        Assert.Equal("""{"other":"label"}""", metadata["labels"]!.ToJsonString());
        Assert.Null(metadata["annotations"]);
        Assert.All((string[])["finalizers", "creationTimestamp", "resourceVersion"], name => Assert.True(JsonNode.DeepEquals(came[name], metadata[name]), name));

        foreach (var name in (string[])["name", "namespace", "uid"])
        {
            make = value =>
            {
                value["metadata"]![name] = "another";
                return value;
            };
            Assert.Contains($"metadata.{name} must not change from", Fault(Ask(V2, shop)), StringComparison.Ordinal);
        }

        make = value =>
        {
            value["metadata"]!["labels"] = new JsonObject { ["k"] = 7 };
            return value;
        };
        Assert.Contains("metadata.labels must be a map of strings", Fault(Ask(V2, shop)), StringComparison.Ordinal);
        Assert.Equal("0", metrics["controller_runtime_conversion_webhook_panics_total"]);
    }

    [Theory]
    [InlineData("apiextensions.k8s.io/v1")]
    [InlineData("apiextensions.k8s.io/v1beta1")]
    public void Trap33_the_uid_of_a_conversion_comes_back_in_the_version_of_the_question(string version)
    {
        Shops.Join(conversion);
        foreach (var shop in (string[])[One("a", "x:1"), One("a", "no port")])
        {
            var answer = Ask(V2, [shop], version);
            Assert.Equal((version, "ConversionReview", "u1"), (answer["apiVersion"]!.GetValue<string>(), answer["kind"]!.GetValue<string>(), answer["response"]!["uid"]!.GetValue<string>()));
        }

        Assert.Empty(Converted(Ask(V2, [], version)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"kind\":\"ConversionReview\"")]
    [InlineData("{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\"}")]
    [InlineData("{\"kind\":\"ConversionReview\",\"apiVersion\":\"apiextensions.k8s.io/v2\"}")]
    [InlineData("{\"kind\":\"ConversionReview\",\"apiVersion\":\"apiextensions.k8s.io/v1\"}")]
    [InlineData("{\"kind\":\"ConversionReview\",\"apiVersion\":\"apiextensions.k8s.io/v1\",\"request\":{\"uid\":\"u\",\"desiredAPIVersion\":7}}")]
    [InlineData("{\"kind\":\"ConversionReview\",\"apiVersion\":\"apiextensions.k8s.io/v1\",\"request\":{\"uid\":\"u\",\"desiredAPIVersion\":\"a/v1\",\"objects\":{}}}")]
    public void Trap33_what_is_no_conversion_is_answered_with_a_review_that_says_so(string body) => Assert.NotEmpty(Fault(Answer(body)));

    [Fact]
    public void Trap33_depth_without_end_breaks_no_conversion()
    {
        Shops.Join(conversion);
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000);
        Assert.NotEmpty(Fault(Ask(V2, One("a", "x:1"), deep)));
    }

    [Fact]
    public void What_contradicts_itself_is_refused_when_the_webhook_is_added()
    {
        Shops.Join(conversion);
        Assert.Contains("joined already", Assert.Throws<ArgumentException>(() => Shops.Join(conversion)).Message, StringComparison.Ordinal);
        Assert.Contains("not two versions of one kind", Assert.Throws<ArgumentException>(() => conversion.Between(new("a", "v1", "A"), new("a", "v2", "B"), x => x, x => x)).Message, StringComparison.Ordinal);
    }

    private static string One(string name, string hostPort, string metadata = "") =>
        $$$"""
        {"apiVersion":"shops.capstan.dev/v1","kind":"Shop","metadata":{"name":"{{{name}}}","namespace":"default","uid":"uid-{{{name}}}","resourceVersion":"7",
        "creationTimestamp":"2026-01-02T03:04:05Z","finalizers":["a/b"],"managedFields":[{"manager":"m","fieldsV1":{"f:spec":{} } }]{{{metadata}}}},"spec":{"hostPort":"{{{hostPort}}}"}}
        """;

    private static List<JsonObject> Converted(JsonObject answer)
    {
        Assert.Equal("""{"status":"Success"}""", answer["response"]!["result"]!.ToJsonString());
        return [.. answer["response"]!["convertedObjects"]!.AsArray().Select(one => one!.AsObject())];
    }

    private static string Fault(JsonObject answer)
    {
        Assert.Empty(answer["response"]!["convertedObjects"]!.AsArray());
        Assert.Equal("Failure", answer["response"]!["result"]!["status"]!.GetValue<string>());
        var message = answer["response"]!["result"]!["message"]!.GetValue<string>();
        TestContext.Current.TestOutputHelper!.WriteLine(message);
        return message;
    }

    private JsonObject Ask(string wanted, params string[] objects) => Ask(wanted, objects, "apiextensions.k8s.io/v1");

    private JsonObject Ask(string wanted, string[] objects, string version) => Answer(
        $$$"""{"kind":"ConversionReview","apiVersion":"{{{version}}}","request":{"uid":"u1","desiredAPIVersion":"{{{wanted}}}","objects":[{{{string.Join(',', objects)}}}]}}""");

    private JsonObject Answer(string body)
    {
        var answer = new ArrayBufferWriter<byte>();
        judge.Answer(new ConversionWebhook("/convert", conversion.Paths), Encoding.UTF8.GetBytes(body), answer, TestContext.Current.CancellationToken);
        return JsonNode.Parse(answer.WrittenSpan)!.AsObject();
    }
}
