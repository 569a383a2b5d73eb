using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Writes;

public sealed class StatusTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData("networking.k8s.io/v1", "ingresses", """{"defaultBackend":{"service":{"name":"s","port":{"number":80}}}}""", "from")]
    [InlineData("apps/v1", "deployments", """{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}""", "")]
    public async Task Labels_come_along_with_the_status_of_most_kinds(string group, string plural, string spec, string labels)
    {
        var ns = (await server.NamespaceAsync()).Replace("/api/v1", $"/apis/{group}", StringComparison.Ordinal);
        var made = await server.SendAsync(HttpMethod.Post, $"{ns}/{plural}", $$$"""{"metadata":{"name":"one"},"spec":{{{spec}}} }""");
        Assert.Equal(HttpStatusCode.Created, made.Code);
        var written = await server.PatchAsync(
            $"{ns}/{plural}/one/status", TestServer.MergePatch, """{"metadata":{"labels":{"from":"status"},"annotations":{"note":"x"}},"spec":{"paused":true,"rules":[{"host":"b.test"}]}}""");
        Assert.Equal(HttpStatusCode.OK, written.Code);
        Assert.Equal(labels, string.Join(',', (written.Json["metadata"]!["labels"]?.AsObject() ?? []).Select(l => l.Key)));
        Assert.Equal("x", (string?)written.Json["metadata"]!["annotations"]!["note"]);
        Assert.Equal(made.Json["spec"]!.ToJsonString(), written.Json["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task A_fault_of_the_metadata_is_told_as_often_as_it_is_looked_at()
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"one"}}""");
        await server.SendAsync(HttpMethod.Post, $"{ns}/podtemplates", """{"metadata":{"name":"one"},"template":{"spec":{"containers":[{"name":"c","image":"i"}]}}}""");
        foreach (var (plural, times) in new[] { ("configmaps", 4), ("podtemplates", 3) })
        {
            var refused = await server.PatchAsync($"{ns}/{plural}/one", TestServer.MergePatch, """{"metadata":{"labels":{"a":"b c"}}}""");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Code);
            Assert.Equal(times, refused.Json["details"]!["causes"]!.AsArray().Count);
            Assert.Single(refused.Message!.Split("must be an empty string").Skip(1));
        }
    }
}
