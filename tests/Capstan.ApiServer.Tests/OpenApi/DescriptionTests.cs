using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.OpenApi;

/// <summary>What <c>kubectl explain</c> prints of kinds and fields.</summary>
public sealed class DescriptionTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Kinds_and_the_fields_that_people_ask_for_are_described()
    {
        var types = (await server.GetAsync("/openapi/v3/apis/apps/v1")).Json["components"]!["schemas"]!;
        Assert.StartsWith("Deployment ", (string?)types["io.k8s.api.apps.v1.Deployment"]!["description"], StringComparison.Ordinal);
        var strategy = types["io.k8s.api.apps.v1.DeploymentSpec"]!["properties"]!["strategy"]!;
        Assert.NotEmpty((string)strategy["description"]!);
        Assert.Equal("#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy", (string?)strategy["allOf"]![0]!["$ref"]);
        var type = (string?)types["io.k8s.api.apps.v1.DeploymentStrategy"]!["properties"]!["type"]!["description"];
        Assert.EndsWith("\n\nPossible enum values:\n - `\"Recreate\"`\n - `\"RollingUpdate\"`", type, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_description_is_of_a_type_and_a_field_that_are_there()
    {
        var types = new Dictionary<string, JsonObject>();
        foreach (var path in (await server.GetAsync("/openapi/v3")).Json["paths"]!.AsObject().Select(p => p.Key))
        {
            foreach (var (named, schema) in (await server.GetAsync($"/openapi/v3/{path}")).Json["components"]!["schemas"]!.AsObject())
            {
                types[named] = schema!.AsObject();
            }
        }

        using var reader = new StreamReader(typeof(EmbeddedApiServer).Assembly.GetManifestResourceStream("Capstan.ApiServer.descriptions.txt")!);
        var (current, unknown) = ("", new List<string>());
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            var name = line.Split('\t')[0];
            if (line.StartsWith('#'))
            {
                continue;
            }

            if (!line.StartsWith(' '))
            {
                current = name;
                if (current != "*" && !types.ContainsKey($"io.k8s.{current}"))
                {
                    unknown.Add(current);
                }
            }
            else if (current != "*" && types.GetValueOrDefault($"io.k8s.{current}")?["properties"]?[name.Trim()] is null)
            {
                unknown.Add($"{current}.{name.Trim()}");
            }
        }

        Assert.Empty(unknown);
    }

    [Fact]
    public async Task Of_a_custom_resource_only_what_its_definition_cannot_say_is_added()
    {
        var made = await server.SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
            {"metadata":{"name":"beacons.explain.example"},"spec":{"group":"explain.example","scope":"Namespaced","names":{"plural":"beacons","kind":"Beacon"},
            "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","description":"A light.","properties":{
            "spec":{"type":"object","properties":{"colour":{"type":"string","enum":["red"]}}},"status":{"type":"object"}}}}}]}}
            """);
        Assert.Equal(System.Net.HttpStatusCode.Created, made.Code);
        Answer document;
        do
        {
            document = await server.GetAsync("/openapi/v3/apis/explain.example/v1");
        }
        while (document.Code == System.Net.HttpStatusCode.NotFound);
        var beacon = document.Json["components"]!["schemas"]!["example.explain.v1.Beacon"]!;
        Assert.Equal("A light.", (string?)beacon["description"]);
        Assert.Contains("api-conventions.md#metadata", (string?)beacon["properties"]!["metadata"]!["description"], StringComparison.Ordinal);
        Assert.Null(beacon["properties"]!["status"]!["description"]);
        Assert.Null(beacon["properties"]!["spec"]!["properties"]!["colour"]!["description"]);
    }
}
