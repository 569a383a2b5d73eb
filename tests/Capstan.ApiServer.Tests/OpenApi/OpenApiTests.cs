using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Tests.Catalogues;
using Xunit;

namespace Capstan.ApiServer.Tests.OpenApi;

public class OpenApiTests
{
    private readonly Registry.Catalogue _catalogue = new(CatalogueTests.BuiltIn);

    private OpenApiDocuments Documents => new(_catalogue);

    private JsonNode Ask(string path) => JsonNode.Parse(Documents.TryAnswer(path, null, null, null)!.Body)!;

    [Fact]
    public void Kubectl_finds_in_patch_that_fields_are_validated_here()
    {
        var patch = Ask("/openapi/v3/apis/apps/v1")["paths"]!["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]!["patch"]!;
        Assert.Contains("fieldValidation", patch["parameters"]!.AsArray().Select(p => (string?)p!["name"]));
        Assert.Equal("""{"group":"apps","version":"v1","kind":"Deployment"}""", patch["x-kubernetes-group-version-kind"]!.ToJsonString());
        Assert.Contains("application/strategic-merge-patch+json", patch["requestBody"]!["content"]!.AsObject().Select(c => c.Key));
    }

    [Fact]
    public void Custom_resources_offer_no_strategic_merge()
    {
        _catalogue.Serve(new("shop.example.com", "widgets"), CatalogueTests.Custom("shop.example.com", "v1"));
        var document = Ask("/openapi/v3/apis/shop.example.com/v1");
        var patch = document["paths"]!["/apis/shop.example.com/v1/namespaces/{namespace}/widgets/{name}"]!["patch"]!;
        Assert.DoesNotContain("application/strategic-merge-patch+json", patch["requestBody"]!["content"]!.AsObject().Select(c => c.Key));
        Assert.Equal("patchShopExampleComV1NamespacedWidget", (string?)patch["operationId"]);
        Assert.NotNull(document["components"]!["schemas"]!["com.example.shop.v1.Widget"]);
    }

    [Fact]
    public void Every_reference_of_every_document_leads_somewhere()
    {
        _catalogue.Serve(new("shop.example.com", "widgets"), CatalogueTests.Custom("shop.example.com", "v1"));
        var documents = Documents;
        var root = JsonNode.Parse(documents.TryAnswer("/openapi/v3", null, null, null)!.Body)!;
        var checkedReferences = 0;
        foreach (var (_, version) in root["paths"]!.AsObject())
        {
            var url = new Uri("http://x" + (string)version!["serverRelativeURL"]!);
            var answer = documents.TryAnswer(url.AbsolutePath, url.Query["?hash=".Length..], null, null)!;
            Assert.Equal((200, true), (answer.Code, answer.IsImmutable));
            var document = JsonNode.Parse(answer.Body)!;
            var known = document["components"]!["schemas"]!.AsObject().Select(s => "#/components/schemas/" + s.Key).ToHashSet();
            foreach (var reference in References(document))
            {
                Assert.Contains(reference, known);
                checkedReferences++;
            }
        }

        Assert.True(checkedReferences > 4000, checkedReferences.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(f => f.Key == "$ref" && f.Value is JsonValue value ? [(string)value!] : References(f.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    [Fact]
    public void A_wrong_hash_leads_to_the_right_one_and_a_known_document_is_not_sent_again()
    {
        var documents = Documents;
        var wrong = documents.TryAnswer("/openapi/v3/api/v1", "WRONG", null, null)!;
        Assert.Equal(301, wrong.Code);
        Assert.StartsWith("/openapi/v3/api/v1?hash=", wrong.Location, StringComparison.Ordinal);
        Assert.Equal(304, documents.TryAnswer("/openapi/v3/api/v1", null, null, wrong.ETag)!.Code);
        Assert.Null(documents.TryAnswer("/openapi/v3/apis/none.example.com/v1", null, null, null));
    }

    [Fact]
    public void The_hash_changes_with_the_definition_alone()
    {
        var documents = Documents;
        string Hash(string path) => documents.TryAnswer(path, null, null, null)!.ETag!;
        var before = Hash("/openapi/v3/apis/apps/v1");
        _catalogue.Serve(new("shop.example.com", "widgets"), CatalogueTests.Custom("shop.example.com", "v1"));
        Assert.Equal(before, Hash("/openapi/v3/apis/apps/v1"));
        Assert.NotEqual("", Hash("/openapi/v3/apis/shop.example.com/v1"));
    }

    [Fact]
    public void The_second_version_refers_to_definitions_only()
    {
        var document = Ask("/openapi/v2");
        Assert.Equal("2.0", (string?)document["swagger"]);
        Assert.All(References(document), r => Assert.StartsWith("#/definitions/", r, StringComparison.Ordinal));
        Assert.Equal(
            """[{"group":"","kind":"ConfigMap","version":"v1"}]""",
            document["definitions"]!["io.k8s.api.core.v1.ConfigMap"]!["x-kubernetes-group-version-kind"]!.ToJsonString());
    }

    [Fact]
    public void The_protobuf_form_holds_the_same_definitions()
    {
        var answer = Documents.TryAnswer("/openapi/v2", null, "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", null)!;
        Assert.Equal("application/com.github.proto-openapi.spec.v2.v1.0+protobuf", answer.ContentType);

        // Walks the message by hand: field 9 is the definitions, each field 1 of it a name (1) and a schema (2).
        var names = Fields(answer.Body).Where(f => f.Number == 9).SelectMany(f => Fields(f.Bytes)).Select(d => Encoding.UTF8.GetString(Fields(d.Bytes).First(f => f.Number == 1).Bytes)).ToList();
        Assert.Equal(Ask("/openapi/v2")["definitions"]!.AsObject().Select(d => d.Key), names);
    }

    private static List<(int Number, byte[] Bytes)> Fields(byte[] message)
    {
        List<(int, byte[])> fields = [];
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            switch (key & 7)
            {
                case 0:
                    Varint(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                default:
                    var length = (int)Varint(message, ref at);
                    fields.Add(((int)(key >> 3), message[at..(at + length)]));
                    at += length;
                    break;
            }
        }

        return fields;
    }

    private static ulong Varint(byte[] bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            value |= (ulong)(bytes[at] & 0x7f) << shift;
            if ((bytes[at++] & 0x80) == 0)
            {
                return value;
            }
        }
    }
}
